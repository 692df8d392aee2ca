/** Work of which only so much goes on at once; the rest waits in line. */

export class Semaphore {
  readonly #limit: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  readonly #watchers: (() => void)[] = [];
  #free: number;

  constructor(limit: number, maxWaiting = Infinity) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
    this.#free = limit;
  }

  /** Resolves when there is a permit; disposing of it gives it back. */
  async acquire(): Promise<Disposable> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#release();
        isHeld = false;
      },
    };
  }

  /** As `acquire`; undefined when as many as may wait already do. */
  tryAcquire(): Promise<Disposable> | undefined {
    const isFull = this.#free === 0 &&
      this.#waiting.length >= this.#maxWaiting;
    return isFull ? undefined : this.acquire();
  }

  /** Resolves when nobody has a permit, and nobody waits for one. */
  async idle(): Promise<void> {
    if (this.#free === this.#limit) return;
    await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) return next();
    this.#free++;
    if (this.#free < this.#limit) return;
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
