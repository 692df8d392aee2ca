/** Lines of a byte stream, bounded in length. */

const LINE_FEED = 0x0a;

const whole = new TextDecoder();

/** @throws {RangeError} while iterating, when a line is longer than allowed */
export class LineReader implements AsyncIterable<string> {
  readonly #source: { read(into: Uint8Array): Promise<number | null> };
  readonly #maxBytes: number;

  constructor(
    source: { read(into: Uint8Array): Promise<number | null> },
    maxBytes: number,
  ) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(16 * 1024);
    let rest = "";
    let isBetween = true;
    while (true) {
      const count = await this.#source.read(chunk);
      if (count === null) return;
      const bytes = chunk.subarray(0, count);
      const endsLine = bytes.at(-1) === LINE_FEED;
      // Whole lines, as nearly always, need no decoder that remembers.
      rest += isBetween && endsLine
        ? whole.decode(bytes)
        : decoder.decode(bytes, { stream: true });
      isBetween = endsLine;
      let end = rest.indexOf("\n");
      while (end >= 0) {
        yield rest.slice(0, end);
        rest = rest.slice(end + 1);
        end = rest.indexOf("\n");
      }
      if (rest.length > this.#maxBytes) {
        throw new RangeError(`Cannot read a line over ${this.#maxBytes} bytes`);
      }
    }
  }
}
