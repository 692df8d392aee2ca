/** How much work is under way, and when none is. */

export class UnderWay {
  #count = 0;
  #ended = Promise.withResolvers<void>();

  get count(): number {
    return this.#count;
  }

  /** Must have its `end`, whatever happens between. */
  begin(): void {
    this.#count++;
  }

  end(): void {
    if (--this.#count === 0) this.#ended.resolve();
  }

  /** Resolves when nothing is under way. */
  async none(): Promise<void> {
    while (this.#count > 0) {
      this.#ended = Promise.withResolvers();
      await this.#ended.promise;
    }
  }
}
