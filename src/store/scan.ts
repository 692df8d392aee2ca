/** Reads what a stream holds of a subject, oldest first, and leaves no consumer behind. */
import type { JetStreamClient, JsMsg } from "@nats-io/jetstream";

/** Messages asked for at a time. */
const FETCH = 1_000;
const PULL_MS = 5_000;

export interface ScanOptions {
  stream: string;
  /** Of the subjects. */
  filter: string;
  /** Leave the payloads where they are. */
  headersOnly?: boolean;
}

/** What was there when it began. */
export async function* scan(
  js: JetStreamClient,
  { stream, filter, headersOnly = false }: ScanOptions,
): AsyncGenerator<JsMsg> {
  const consumer = await js.consumers.get(stream, {
    filter_subjects: filter,
    headers_only: headersOnly,
  });
  try {
    let left = (await consumer.info()).num_pending;
    while (left > 0) {
      const messages = await consumer.fetch({
        max_messages: Math.min(left, FETCH),
        expires: PULL_MS,
      });
      let got = 0;
      for await (const message of messages) {
        got++;
        yield message;
      }
      if (got === 0) return;
      left -= got;
    }
  } finally {
    // A server would keep it for minutes, and find it again at every restart.
    await consumer.delete().catch(() => false);
  }
}
