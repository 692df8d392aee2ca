/** Lines of a byte stream, bounded in length. */

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
    while (true) {
      const count = await this.#source.read(chunk);
      if (count === null) return;
      rest += decoder.decode(chunk.subarray(0, count), { stream: true });
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
