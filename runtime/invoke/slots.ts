/** How many sandboxes may run at once: a slot is taken, or the caller is told to come back. */
import { AppError } from "../../src/contracts/error.ts";

export class Slots {
  readonly #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws {AppError} `busy` when every slot is taken */
  take(): Disposable {
    if (this.#taken >= this.#limit) {
      throw new AppError(
        "busy",
        `Cannot start a sandbox: all ${this.#limit} are in use`,
        {
          retryAfter: 1,
          hint: "Try again shortly, or raise OCHE_MAX_SANDBOXES",
        },
      );
    }
    this.#taken++;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#taken--;
        held = false;
      },
    };
  }
}
