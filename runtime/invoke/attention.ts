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
   * Until the block is left, a function runs.
   *
   * @param queued How many calls wait for its sandbox: where all others do,
   * none of them could go on meanwhile.
   */
  run(queued: number): Disposable & { wait: AnswerWait } {
    this.#running++;
    return {
      wait: this.#wait(queued),
      [Symbol.dispose]: () => void this.#running--,
    };
  }

  #wait(queued: number): AnswerWait {
    const others = this.#underWay - 1;
    if (others === 0) return "spinning";
    const isForAll = this.#running === 1 && others <= queued;
    if (isForAll && this.#asleep++ < MAX_ASLEEP) return "asleep";
    this.#asleep = 0;
    return "async";
  }
}
