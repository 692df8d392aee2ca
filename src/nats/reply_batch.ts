/**
 * Answers that go out together while many calls end soon after each other: one
 * write then carries several through NATS and to the gateway, each of which is
 * woken once for them.
 */

/** An answer goes at once when the one before it is older, in milliseconds. */
const BUSY_GAP_MS = 1;
/** Fewer calls under way are too few to wait for. */
const MIN_CALLS = 6;
/** So many go together. */
const MAX_ANSWERS = 8;
/** And none waits longer for others, in milliseconds. */
const MAX_HOLD_MS = 1;

export class ReplyBatch {
  readonly #held: (() => void)[] = [];
  #lastAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param send Sends the answer; what is sent in one turn is one write.
   * @param calls How many are under way, this one included.
   */
  add(send: () => void, calls: number): void {
    const now = performance.now();
    const isBusy = calls >= MIN_CALLS && now - this.#lastAt < BUSY_GAP_MS;
    this.#lastAt = now;
    this.#held.push(send);
    if (!isBusy || this.#held.length >= MAX_ANSWERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), MAX_HOLD_MS);
  }

  /** Sends what is held back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const send of this.#held.splice(0)) {
      try {
        send();
      } catch {
        // The connection is gone, and whoever waits hears that from it.
      }
    }
  }
}
