/** Server-sent events (WHATWG HTML §9.2), with a comment now and then as a heartbeat. */
import type { Context } from "hono";

const HEARTBEAT_MS = 10_000;

export type Send = (event: string, data: unknown) => void;

/** Answers with a stream that ends when the work does. */
export function eventStream(
  c: Context,
  work: (send: Send) => Promise<void>,
): Response {
  const encoder = new TextEncoder();
  let open = true;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      function write(text: string): void {
        if (open) controller.enqueue(encoder.encode(text));
      }
      const beat = setInterval(() => write(": working\n\n"), HEARTBEAT_MS);
      try {
        await work((event, data) =>
          write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        );
      } finally {
        clearInterval(beat);
        if (open) controller.close();
      }
    },
    cancel() {
      open = false;
    },
  });
  return c.body(body, 200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
  });
}
