/**
 * The doorbell: a Unix socket in the exchange directory over which the runtime
 * says that a request lies ready and the function that its answer does.
 *
 * Frames are JSON objects, one a line. Function to runtime: `ready`, `done`.
 * Runtime to function: `ring`; to a sandbox without a function `load`, which that
 * answers with `loaded`. A `done` may say that the next ring is waited for at the
 * pipe, and may come by a second connection. What the other side says is believed
 * only as far as it fits the state.
 */
import { z } from "zod";
import { AppError } from "../../src/contracts/error.ts";
import { LineReader } from "./line_reader.ts";
import type { RingPipe } from "./ring_pipe.ts";

/** A longer frame is garbage, in bytes. */
const MAX_FRAME_BYTES = 64 * 1024;

const Frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), protocol: z.literal(1) }),
  z.object({ type: z.literal("loaded") }),
  z.object({
    type: z.literal("done"),
    invocation: z.string(),
    waits: z.literal(true).optional(),
  }),
]);

/** How a ring ended: answered, or by the other side's misbehaviour or end. */
export type RingOutcome = "done" | "garbage" | "closed";

interface Ringing {
  invocation: string;
  /** The answer as our own function side writes it. */
  usual: string;
  end(how: RingOutcome): void;
}

const encoder = new TextEncoder();

export class Doorbell implements Disposable {
  readonly #listener: Deno.UnixListener;
  #pipe: RingPipe | undefined;
  readonly #ready = Promise.withResolvers<"ready" | "garbage" | "closed">();
  readonly #loaded = Promise.withResolvers<"loaded" | "garbage" | "closed">();
  readonly #end = Promise.withResolvers<void>();
  #isReady = false;
  #isLoaded = false;
  #connection: Deno.UnixConn | undefined;
  #answers: Deno.UnixConn | undefined;
  #open = 0;
  #ringing: Ringing | undefined;
  #broken: "garbage" | "closed" | undefined;

  private constructor(listener: Deno.UnixListener, pipe?: RingPipe) {
    this.#listener = listener;
    this.#pipe = pipe;
    void this.#serve();
  }

  /**
   * Listens; the path must fit a socket address (107 bytes).
   *
   * @param pipe Where the function side may wait; closed with this.
   */
  static listen(path: string, pipe?: RingPipe): Doorbell {
    const listener = Deno.listen({ transport: "unix", path });
    const doorbell = new Doorbell(listener, pipe);
    Deno.chmodSync(path, 0o666);
    return doorbell;
  }

  /** The function side may wait at this pipe too, which is closed with this. */
  attach(pipe: RingPipe): void {
    this.#pipe = pipe;
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

  /** Rings, and resolves when the function side has answered or cannot. */
  ring(invocation: string): Promise<RingOutcome> {
    if (this.#ringing) throw new AppError("internal", "Cannot ring twice");
    if (this.#broken || !this.#connection) {
      return Promise.resolve(this.#broken ?? "closed");
    }
    const { promise, resolve } = Promise.withResolvers<RingOutcome>();
    const id = JSON.stringify(invocation);
    const usual = `{"type":"done","invocation":${id},"waits":true}`;
    this.#ringing = { invocation, usual, end: resolve };
    if (!this.#pipe?.isWaitedAt) this.#send({ type: "ring", invocation });
    else if (!this.#pipe.ring(invocation)) this.#break("garbage");
    return promise;
  }

  /**
   * Tells a sandbox what to run, and in which directory; paths as inside.
   * Resolves when that takes its first ring, by this doorbell.
   */
  load(
    program: string,
    directory: string,
  ): Promise<"loaded" | "garbage" | "closed"> {
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

  /** @returns whether the frame made sense */
  #take(line: string): boolean {
    if (line === this.#ringing?.usual) return this.#answer(this.#ringing, true);
    const frame = readFrame(line);
    if (!frame) return false;
    // Each is said once: a function could keep the runtime busy with more.
    if (frame.type === "ready") {
      if (this.#isReady) return false;
      this.#isReady = true;
      this.#ready.resolve("ready");
      return true;
    }
    if (frame.type === "loaded") {
      if (this.#isLoaded) return false;
      this.#isLoaded = true;
      this.#loaded.resolve("loaded");
      return true;
    }
    return frame.invocation === this.#ringing?.invocation &&
      this.#answer(this.#ringing, frame.waits ?? false);
  }

  #answer(ringing: Ringing, waits: boolean): boolean {
    if (waits && !this.#pipe) return false;
    this.#ringing = undefined;
    if (waits) this.#pipe?.waitedAt();
    ringing.end("done");
    return true;
  }

  #break(how: "garbage" | "closed"): void {
    this.#broken ??= how;
    this.#ready.resolve(how);
    this.#loaded.resolve(how);
    this.#ringing?.end(how);
    this.#ringing = undefined;
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#pipe?.[Symbol.dispose]();
    closeQuietly(this.#connection);
    closeQuietly(this.#answers);
    closeQuietly(this.#listener);
    this.#broken ??= "closed";
    this.#end.resolve();
    this.#ready.resolve("closed");
    this.#loaded.resolve("closed");
    this.#ringing?.end(this.#broken);
    this.#ringing = undefined;
  }
}

function closeQuietly(part: { close(): void } | undefined): void {
  try {
    part?.close();
  } catch {
    // Closed before, by either side.
  }
}

function readFrame(line: string): z.output<typeof Frame> | undefined {
  try {
    return Frame.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
