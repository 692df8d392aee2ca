/**
 * The engine's framed output to lines (Docker Engine API, "Stream format": a
 * header of 8 bytes, of which the first tells the stream and the last four the
 * length).
 */
import { Buffer } from "node:buffer";
import type { OnLine } from "./engine.ts";

const HEADER_BYTES = 8;
/** A longer line is cut into several, in characters. */
const MAX_LINE = 64 * 1024;

export class Demux {
  readonly #onLine: OnLine;
  readonly #lines = { stdout: new LineBuffer(), stderr: new LineBuffer() };
  #pending = Buffer.alloc(0);
  #left = 0;
  #stream: "stdout" | "stderr" = "stdout";

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    let rest = this.#pending.length > 0
      ? Buffer.concat([this.#pending, chunk])
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      if (this.#left === 0) {
        if (rest.length < HEADER_BYTES) break;
        this.#stream = rest[0] === 2 ? "stderr" : "stdout";
        this.#left = rest.readUInt32BE(4);
        rest = rest.subarray(HEADER_BYTES);
        continue;
      }
      const part = rest.subarray(0, this.#left);
      this.#left -= part.length;
      rest = rest.subarray(part.length);
      for (const line of this.#lines[this.#stream].push(part)) {
        this.#onLine(this.#stream, line);
      }
    }
    this.#pending = Buffer.from(rest);
  }

  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#lines[stream].end();
      if (rest) this.#onLine(stream, rest);
    }
  }
}

class LineBuffer {
  readonly #decoder = new TextDecoder();
  #rest = "";

  *push(bytes: Uint8Array): Generator<string> {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true }))
      .split("\n");
    this.#rest = lines.pop() ?? "";
    yield* lines;
    while (this.#rest.length > MAX_LINE) {
      yield this.#rest.slice(0, MAX_LINE);
      this.#rest = this.#rest.slice(MAX_LINE);
    }
  }

  end(): string {
    const rest = this.#rest;
    this.#rest = "";
    return rest;
  }
}
