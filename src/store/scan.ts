/** Reads what a stream holds of a subject, oldest first, and leaves no consumer behind. */
import {
  DeliverPolicy,
  type JetStreamClient,
  type JsMsg,
} from "@nats-io/jetstream";

/** Messages asked for at a time. */
const FETCH = 1_000;
const PULL_MS = 5_000;

export interface ScanOptions {
  stream: string;
  /** Of the subjects. */
  filter: string;
  /** Leave the payloads where they are. */
  headersOnly?: boolean;
  /** By number, the first message that may be among them. */
  from?: number;
}

/** What was there when it began. */
export async function* scan(
  js: JetStreamClient,
  { stream, filter, headersOnly = false, from }: ScanOptions,
): AsyncGenerator<JsMsg> {
  const consumer = await js.consumers.get(stream, {
    filter_subjects: filter,
    headers_only: headersOnly,
    ...(from !== undefined && {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
    }),
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
