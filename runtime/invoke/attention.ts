/**
 * What this thread does while a function runs: go on with all else, or, for the
 * answer of a quick one, wait for that alone.
 */
import type { AnswerWait } from "../exchange/answer_pipe.ts";

/** So many waits asleep follow each other; then what else came has its turn. */
const MAX_ASLEEP = 7;

export class Attention {
  #underWay = 0;
  #running = 0;
  #asleep = 0;

  /** Until the block is left, a call is under way. */
  begin(): Disposable {
    this.#underWay++;
    return { [Symbol.dispose]: () => void this.#underWay-- };
  }

  /**
   * Until the block is left, a function runs. Where it is the only one, nobody
   * is answered before it: others wait for its sandbox, or have yet to be read.
   */
  run(): Disposable & { wait: AnswerWait } {
    this.#running++;
    return {
      wait: this.#wait(),
      [Symbol.dispose]: () => void this.#running--,
    };
  }

  #wait(): AnswerWait {
    if (this.#underWay === 1) return "spinning";
    if (this.#running === 1 && this.#asleep++ < MAX_ASLEEP) return "asleep";
    this.#asleep = 0;
    return "async";
  }
}
