/**
 * The doorbell: a Unix socket in the exchange directory over which the runtime
 * says that a request lies ready and the function that its answer does.
 *
 * Frames are JSON objects, one a line. Function to runtime: `ready`, `done`.
 * Runtime to function: `ring`; to a sandbox without a function `load`, which that
 * answers with `loaded`. Each of its frames may say that the next ring is waited
 * for at the pipe; a `done` may come by a second connection, or by the pipe of
 * answers. What the other side says is believed only as far as it fits the state.
 */
import { AppError } from "../../src/contracts/error.ts";
import { AnswerPipe, type AnswerWait } from "./answer_pipe.ts";
import { closeQuietly } from "./close_quietly.ts";
import { readFrame } from "./frame.ts";
import { LineReader } from "./line_reader.ts";
import type { RingPipe } from "./ring_pipe.ts";

/** A longer frame is garbage, in bytes. */
const MAX_FRAME_BYTES = 64 * 1024;

/** How a ring ended: answered, or by the other side's misbehaviour or end. */
export type RingOutcome = "done" | "garbage" | "closed";

/** The pipes beside it, which are closed with it. */
export interface Pipes {
  ring: RingPipe;
  answer?: AnswerPipe;
}

interface Ringing {
  invocation: string;
  /** Where its answer comes by the pipe, and by nothing else. */
  answers: AnswerPipe | undefined;
  since: number;
  /** The answer as our own function side writes it. */
  usual: string;
  end(how: RingOutcome): void;
}

/** For so long is an answer watched for, in milliseconds. */
const WATCH_MS = 0.5;
/** Watching takes a core, of which the function needs another. */
const CAN_WATCH = navigator.hardwareConcurrency > 1;

const encoder = new TextEncoder();

export class Doorbell implements Disposable {
  readonly #listener: Deno.UnixListener;
  readonly #watchMs: number;
  #pipe: RingPipe | undefined;
  #answerPipe: AnswerPipe | undefined;
  /** Whether the last ring was answered within the time of a watch. */
  #isQuick = false;
  readonly #ready = Promise.withResolvers<"ready" | "garbage" | "closed">();
  readonly #loaded = Promise.withResolvers<"loaded" | "garbage" | "closed">();
  readonly #end = Promise.withResolvers<void>();
  readonly #said = new Set<"ready" | "loaded">();
  #isLoading = false;
  #connection: Deno.UnixConn | undefined;
  #answers: Deno.UnixConn | undefined;
  #open = 0;
  #ringing: Ringing | undefined;
  #broken: "garbage" | "closed" | undefined;

  private constructor(listener: Deno.UnixListener, watchMs: number) {
    this.#listener = listener;
    this.#watchMs = watchMs;
    void this.#serve();
  }

  /** Listens; the path must fit a socket address (107 bytes). */
  static listen(path: string, watchMs = WATCH_MS): Doorbell {
    const listener = Deno.listen({ transport: "unix", path });
    const doorbell = new Doorbell(listener, watchMs);
    Deno.chmodSync(path, 0o666);
    return doorbell;
  }

  /** Where the function side may wait, and answer who watches. */
  attach({ ring, answer }: Pipes): void {
    this.#pipe = ring;
    this.#answerPipe = answer;
  }

  /** Resolves when the function side is ready, or never will be. */
  get ready(): Promise<"ready" | "garbage" | "closed"> {
    return this.#ready.promise;
  }

  /** Resolves when the function side is gone, or not to be believed any more. */
  get broken(): Promise<void> {
    return this.#end.promise;
  }

  /** Whether that is so. */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /**
   * Rings, and resolves when the function side has answered or cannot.
   *
   * @param wait How for the answer of a function that was quick the last time.
   */
  ring(invocation: string, wait: AnswerWait = "async"): Promise<RingOutcome> {
    if (this.#ringing) throw new AppError("internal", "Cannot ring twice");
    if (this.#broken || !this.#connection) {
      return Promise.resolve(this.#broken ?? "closed");
    }
    const { promise, resolve } = Promise.withResolvers<RingOutcome>();
    const id = JSON.stringify(invocation);
    const usual = `{"type":"done","invocation":${id},"waits":true}`;
    const since = performance.now();
    const pipe = this.#pipe?.isWaitedAt ? this.#pipe : undefined;
    const answers = pipe && wait !== "async" && this.#isQuick && CAN_WATCH &&
        AnswerPipe.canWait
      ? this.#answerPipe
      : undefined;
    this.#ringing = { invocation, answers, since, usual, end: resolve };
    if (!pipe) this.#send({ type: "ring", invocation });
    else if (!pipe.ring(invocation, answers !== undefined)) {
      this.#break("garbage");
    } else if (answers) this.#watch(answers, wait);
    return promise;
  }

  #watch(answers: AnswerPipe, wait: AnswerWait): void {
    const answer = wait === "asleep"
      ? answers.sleep(this.#watchMs)
      : answers.watch(this.#watchMs);
    if (answer === undefined) void this.#waitAt(answers);
    else if (!this.#take(answer, answers)) this.#break("garbage");
  }

  async #waitAt(answers: AnswerPipe): Promise<void> {
    const answer = await answers.next();
    if (answer === undefined || this.#take(answer, answers)) return;
    this.#break("garbage");
  }

  /** Who answers by the pipe and ends may be known to have ended first. */
  #takeLastWord(): void {
    const answers = this.#ringing?.answers;
    const answer = answers?.watch(0);
    if (answer !== undefined) this.#take(answer, answers);
  }

  /**
   * Tells a sandbox what to run, and in which directory; paths as inside.
   * Resolves when that takes its first ring.
   */
  load(
    program: string,
    directory: string,
  ): Promise<"loaded" | "garbage" | "closed"> {
    this.#isLoading = true;
    this.#send({ type: "load", program, directory });
    return this.#loaded.promise;
  }

  #send(frame: Record<string, string>): void {
    this.#connection?.write(encoder.encode(`${JSON.stringify(frame)}\n`))
      .catch(() => this.#break("closed"));
  }

  /** The function side may answer by a second connection; there is no third. */
  async #serve(): Promise<void> {
    try {
      this.#connection = await this.#listener.accept();
      void this.#hear(this.#connection);
      this.#answers = await this.#listener.accept();
      void this.#hear(this.#answers);
    } catch {
      // Closed from this side, or it cannot be heard at all.
      if (!this.#connection) this.#break("closed");
    }
    closeQuietly(this.#listener);
  }

  /** Gone when all that it spoke by has ended: one may hold its last word yet. */
  async #hear(connection: Deno.UnixConn): Promise<void> {
    this.#open++;
    try {
      for await (const line of new LineReader(connection, MAX_FRAME_BYTES)) {
        if (!this.#take(line)) return this.#break("garbage");
      }
    } catch (error) {
      if (error instanceof RangeError) return this.#break("garbage");
    }
    if (--this.#open === 0) this.#break("closed");
  }

  /**
   * @param by The pipe that it came by, in place of a connection.
   * @returns whether the frame made sense
   */
  #take(line: string, by?: AnswerPipe): boolean {
    const ringing = this.#ringing?.answers === by ? this.#ringing : undefined;
    if (line === ringing?.usual && this.#pipe) {
      return this.#answer(ringing, true);
    }
    const frame = readFrame(line);
    if (!frame) return false;
    if (frame.waits && !this.#pipe) return false;
    if (frame.type === "done") {
      return frame.invocation === ringing?.invocation &&
        this.#answer(ringing, frame.waits ?? false);
    }
    // Each is said once, when it is due: a function could keep the runtime busy.
    const isDue = frame.type === "ready" || this.#isLoading;
    if (!isDue || this.#said.has(frame.type)) return false;
    this.#said.add(frame.type);
    if (frame.waits) this.#pipe?.waitedAtFirst();
    if (frame.type === "ready") this.#ready.resolve("ready");
    else this.#loaded.resolve("loaded");
    return true;
  }

  #answer(ringing: Ringing, waits: boolean): boolean {
    this.#ringing = undefined;
    this.#isQuick = performance.now() - ringing.since < this.#watchMs;
    if (waits) this.#pipe?.waitedAt();
    ringing.end("done");
    return true;
  }

  /** How it broke first is what counts; what came later is closed again. */
  #break(how: "garbage" | "closed"): void {
    if (how === "closed" && !this.#broken) this.#takeLastWord();
    this.#broken ??= how;
    this.#pipe?.[Symbol.dispose]();
    this.#answerPipe?.[Symbol.dispose]();
    closeQuietly(this.#connection);
    closeQuietly(this.#answers);
    closeQuietly(this.#listener);
    this.#end.resolve();
    this.#ready.resolve(this.#broken);
    this.#loaded.resolve(this.#broken);
    this.#ringing?.end(this.#broken);
    this.#ringing = undefined;
  }

  [Symbol.dispose](): void {
    this.#break("closed");
  }
}
