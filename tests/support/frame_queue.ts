/** Frames of a function side, as they come. */
import { LineReader } from "../../runtime/exchange/line_reader.ts";

const MAX_LINE_BYTES = 64 * 1024;

export class FrameQueue {
  readonly #frames: unknown[] = [];
  #arrived = Promise.withResolvers<void>();

  /** Takes what comes by a connection; undefined stands for its end. */
  async hear(connection: Deno.UnixConn): Promise<void> {
    try {
      for await (const line of new LineReader(connection, MAX_LINE_BYTES)) {
        this.push(JSON.parse(line));
      }
    } catch {
      // Closed from this side.
    }
    this.push(undefined);
  }

  push(frame: unknown): void {
    this.#frames.push(frame);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }

  async next(): Promise<unknown> {
    while (this.#frames.length === 0) await this.#arrived.promise;
    return this.#frames.shift();
  }
}
