/**
 * The pipe beside the doorbell, by which a function is rung that waits for that
 * alone: one write here ends one blocking read there.
 *
 * The function may read it and no more. It is written without ever waiting: a
 * function that leaves rings unread fills its pipe, not the runtime's time.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { makeFifo } from "./fifo.ts";

/** Calls that come more often find the function waiting, in milliseconds. */
const RELEASE_MS = 10;

/** Starts a ring whose answer is watched for; no id of an invocation starts so. */
const WATCHED = "!";

const encoder = new TextEncoder();
const RELEASE = encoder.encode("\n");

export class RingPipe implements Disposable {
  readonly #file: number;
  readonly #releaseMs: number;
  #waitsSince: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * @param releaseMs How long a function waits here for the next ring: then it
   * goes back to what a call may have left running, and hears the doorbell.
   * @throws {AppError} `unavailable` where no FIFO can be made
   */
  constructor(path: string, releaseMs = RELEASE_MS) {
    this.#releaseMs = releaseMs;
    makeFifo(path, 0o644);
    // For reading too: with no reader yet, opening would fail.
    this.#file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** Whether the function waits here. */
  get isWaitedAt(): boolean {
    return this.#waitsSince !== undefined;
  }

  /** Nothing runs before the first ring: it waits here for as long as it takes. */
  waitedAtFirst(): void {
    this.#waitsSince = Infinity;
  }

  /** The function said that it waits here for its next ring. */
  waitedAt(): void {
    this.#waitsSince = performance.now();
    this.#timer ??= setTimeout(() => this.#release(), this.#releaseMs);
  }

  /**
   * @param isWatched Whether it is to be answered by the answer pipe.
   * @returns false when the function left what was written before unread
   */
  ring(invocation: string, isWatched = false): boolean {
    this.#waitsSince = undefined;
    const mark = isWatched ? WATCHED : "";
    return this.#write(encoder.encode(`${mark}${invocation}\n`));
  }

  /** One timer for many calls: it looks when the last of them was. */
  #release(): void {
    this.#timer = undefined;
    if (this.#waitsSince === undefined || this.#waitsSince === Infinity) return;
    const left = this.#waitsSince + this.#releaseMs - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#release(), left);
    } else {
      this.#waitsSince = undefined;
      this.#write(RELEASE);
    }
  }

  #write(bytes: Uint8Array): boolean {
    try {
      return !this.#isClosed &&
        writeSync(this.#file, bytes) === bytes.length;
    } catch {
      return false; // Full.
    }
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    closeSync(this.#file);
  }
}
