/**
 * The pipe by which a function answers a ring whose answer is waited for here,
 * for a fraction of a millisecond: spinning, where nobody needs the core, as a
 * quick function is done before this thread could sleep and be woken again; and
 * asleep, where others do, which still costs less than to go on with what else
 * there is and come back.
 *
 * The function may write it and no more.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { AppError } from "../../src/contracts/error.ts";
import { makeFifo } from "./fifo.ts";
import { libc } from "./libc.ts";

/** A wait takes one of the few threads that Deno has for such things. */
const MAX_WAITING = 8;
const POLLIN = 1;
const FOREVER = -1;
const MAX_ANSWER_BYTES = 1024;
const LINE_FEED = 0x0a;

const decoder = new TextDecoder();
let waiting = 0;

/** How this thread waits: the other two keep it from all else meanwhile. */
export type AnswerWait = "async" | "asleep" | "spinning";

export class AnswerPipe implements Disposable {
  /** Whether another pipe may come to wait by `next`. */
  static get canWait(): boolean {
    return waiting < MAX_WAITING;
  }

  readonly #file: number;
  /** struct pollfd { int fd; short events; short revents; } */
  readonly #polled: Int32Array<ArrayBuffer>;
  readonly #bytes = new Uint8Array(MAX_ANSWER_BYTES);
  #isWaiting = false;
  #isClosed = false;

  /** @throws {AppError} `unavailable` where no FIFO can be made */
  constructor(path: string) {
    makeFifo(path, 0o622);
    // For writing too: with no writer left, it would read as ended.
    this.#file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#polled = new Int32Array([this.#file, POLLIN]);
  }

  /**
   * The answer if it comes within so many milliseconds; nothing else of this
   * process runs meanwhile. What is more than a line is returned as it is.
   */
  watch(ms: number): string | undefined {
    const end = performance.now() + ms;
    do {
      const answer = this.#read();
      if (answer !== undefined) return answer;
    } while (performance.now() < end);
    return undefined;
  }

  /** As `watch`, asleep; in whole milliseconds. */
  sleep(ms: number): string | undefined {
    libc().pollHere(this.#polled, 1n, Math.ceil(ms));
    return this.#read();
  }

  /**
   * The answer, whenever it comes; undefined when this was closed first.
   *
   * @throws {AppError} `internal` when somebody waits for it already
   */
  async next(): Promise<string | undefined> {
    if (this.#isWaiting) throw new AppError("internal", "Cannot wait twice");
    if (this.#isClosed) return undefined;
    this.#isWaiting = true;
    waiting++;
    try {
      while (!this.#isClosed) {
        await libc().poll(this.#polled, 1n, FOREVER);
        const answer = this.#read();
        if (answer !== undefined) return answer;
      }
      return undefined;
    } finally {
      this.#isWaiting = false;
      waiting--;
      if (this.#isClosed) closeSync(this.#file);
    }
  }

  #read(): string | undefined {
    if (this.#isClosed) return undefined;
    const size = BigInt(this.#bytes.length);
    const count = Number(libc().read(this.#file, this.#bytes, size));
    if (count <= 0) return undefined;
    const isLine = this.#bytes[count - 1] === LINE_FEED;
    return decoder.decode(this.#bytes.subarray(0, isLine ? count - 1 : count));
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isWaiting) wake(this.#file);
    else closeSync(this.#file);
  }
}

/** A thread waits for the file, which must not be another one's by then. */
function wake(file: number): void {
  try {
    writeSync(file, new Uint8Array([LINE_FEED]));
  } catch {
    // Full: there is something to read.
  }
}
