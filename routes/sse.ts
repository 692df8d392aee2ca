/** Server-sent events (WHATWG HTML §9.2), with a comment now and then as a heartbeat. */
import type { Context } from "hono";

const HEARTBEAT_MS = 10_000;
/** A reader that leaves so many messages lie is cut off. */
const MAX_UNREAD = 10_000;

export type Send = (event: string, data: unknown) => void;

/**
 * Answers with a stream that ends when the work does.
 *
 * @param work Gets a signal for when nobody reads any more.
 */
export function eventStream(
  c: Context,
  work: (send: Send, signal: AbortSignal) => Promise<void>,
): Response {
  const encoder = new TextEncoder();
  const left = new AbortController();
  let open = true;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      function write(text: string): void {
        if (!open) return;
        controller.enqueue(encoder.encode(text));
        if ((controller.desiredSize ?? 0) < -MAX_UNREAD) left.abort();
      }
      const beat = setInterval(() => write(": working\n\n"), HEARTBEAT_MS);
      try {
        await work(
          (event, data) =>
            write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
          left.signal,
        );
      } finally {
        clearInterval(beat);
        if (open) controller.close();
      }
    },
    cancel() {
      open = false;
      left.abort();
    },
  });
  return c.body(body, 200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
  });
}
