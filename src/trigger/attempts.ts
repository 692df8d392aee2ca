/**
 * Which attempt of a message this is: the server counts deliveries, and forgets
 * some of them when it is killed; what ran here is remembered here too.
 */
import type { StreamMessage } from "../contracts/message_source.ts";

/** The oldest are forgotten beyond so many. */
const MAX_KEPT = 10_000;

export class Attempts {
  readonly #begun = new Map<number, number>();

  /** Counts one more. @returns its number, from 1 */
  begin({ seq, attempt }: Pick<StreamMessage, "seq" | "attempt">): number {
    const number = Math.max(attempt, (this.#begun.get(seq) ?? 0) + 1);
    this.#begun.delete(seq);
    this.#begun.set(seq, number);
    if (this.#begun.size > MAX_KEPT) {
      const [oldest] = this.#begun.keys();
      if (oldest !== undefined) this.#begun.delete(oldest);
    }
    return number;
  }

  /** Nothing ran after all. */
  undo({ seq }: Pick<StreamMessage, "seq">, number: number): void {
    if (number > 1) this.#begun.set(seq, number - 1);
    else this.#begun.delete(seq);
  }

  /** It is done with. */
  end({ seq }: Pick<StreamMessage, "seq">): void {
    this.#begun.delete(seq);
  }
}
