/** A child process in its own session, its output in a file, started again when it dies. */
import { AppError } from "../contracts/error.ts";
import { pause } from "../pause.ts";
import { identify, type ProcessIdentity, signal } from "./process.ts";
import { lastLines } from "./run.ts";

export interface ChildOptions {
  /** For messages. */
  name: string;
  command: string;
  args?: readonly string[];
  /** Added to the inherited environment. */
  env?: Record<string, string>;
  cwd?: string;
  /** Output is appended here by the child itself; no pipe is held. */
  logFile: string;
  /** Resolves when the child answers. Awaited at the first start. */
  ready?: (signal: AbortSignal) => Promise<void>;
  readyTimeoutMs?: number;
  /** False: an unasked end is final. */
  restart?: boolean;
  /** Every start, so that whoever keeps a record can write it down. */
  onStart?: (process: ProcessIdentity) => void;
  onExit?: (exit: ChildExit) => void;
}

export interface ChildExit {
  name: string;
  pid: number;
  code: number;
  signal: string | null;
  /** Milliseconds until it is started again; undefined when it will not be. */
  restartIn: number | undefined;
}

export interface SupervisedChild extends AsyncDisposable {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly process: ProcessIdentity | undefined;
  /** SIGTERM, then SIGKILL to its whole group after the grace. */
  stop(graceMs?: number): Promise<void>;
}

const MIN_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;
const READY_TIMEOUT_MS = 30_000;
const GRACE_MS = 10_000;

/** No signal comes of a supervisor that died before it was asked for. */
const UNLESS_ORPHANED = '[ "$PPID" = "$1" ] || exit; shift; exec "$@"';

/**
 * `exec` keeps the pid, the redirection makes the log the child's own, and
 * prctl(2)'s parent-death signal ends it when the supervisor is killed.
 */
const LAUNCH =
  `log=$1; shift; exec >>"$log" 2>&1; exec setpriv --pdeathsig TERM -- /bin/sh -c '${UNLESS_ORPHANED}' sh "$@"`;

/**
 * Starts the child and waits until it is ready. In its own session a Ctrl-C
 * in the terminal reaches only the supervisor; the child does not outlive it.
 *
 * @throws {AppError} `unavailable` when it ends or stays silent instead
 */
export async function superviseChild(
  options: ChildOptions,
): Promise<SupervisedChild> {
  const child = new Child(options);
  await child.start();
  return child;
}

class Child implements SupervisedChild {
  readonly #options: ChildOptions;
  readonly #stopping = new AbortController();
  #running: Deno.ChildProcess | undefined;
  #startedAt = 0;
  #watch: Promise<void> = Promise.resolve();
  process: ProcessIdentity | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  async start(): Promise<void> {
    const { name, ready, readyTimeoutMs = READY_TIMEOUT_MS } = this.#options;
    const logStart = await sizeOf(this.#options.logFile);
    const running = await this.#launch();
    const settled = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const outcome = await Promise.race([
      running.status.then(({ code }) => `it ended with code ${code}`),
      new Promise<string>((resolve) => {
        const text = `no answer within ${readyTimeoutMs / 1000} s`;
        timer = setTimeout(() => resolve(text), readyTimeoutMs);
      }),
      Promise.resolve(ready?.(settled.signal)).then(
        () => undefined,
        (error) => error instanceof Error ? error.message : String(error),
      ),
    ]).finally(() => {
      clearTimeout(timer);
      settled.abort();
    });
    if (outcome === undefined) {
      this.#watch = this.#keepAlive(running);
      return;
    }
    this.process = undefined;
    signal(-running.pid, "SIGKILL");
    await running.status;
    const output = await textFrom(this.#options.logFile, logStart);
    throw new AppError("unavailable", `Cannot start "${name}": ${outcome}`, {
      hint: output
        ? `Its last output: ${lastLines(output)}`
        : `See ${this.#options.logFile}`,
    });
  }

  async #launch(): Promise<Deno.ChildProcess> {
    const { command, args = [], logFile, env, cwd, onStart } = this.#options;
    const running = new Deno.Command("/bin/sh", {
      args: ["-c", LAUNCH, "sh", logFile, String(Deno.pid), command, ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
      ...(env && { env }),
      ...(cwd && { cwd }),
    }).spawn();
    this.#running = running;
    this.#startedAt = performance.now();
    this.process = await identify(running.pid);
    if (this.process) onStart?.(this.process);
    return running;
  }

  async #keepAlive(first: Deno.ChildProcess): Promise<void> {
    const { name, onExit, restart = true } = this.#options;
    let running = first;
    let delay = MIN_BACKOFF_MS;
    for (;;) {
      const { code, signal } = await running.status;
      this.#running = undefined;
      this.process = undefined;
      const lived = performance.now() - this.#startedAt;
      if (lived > 2 * MAX_BACKOFF_MS) delay = MIN_BACKOFF_MS;
      const again = restart && !this.#stopping.signal.aborted;
      onExit?.({
        name,
        pid: running.pid,
        code,
        signal,
        restartIn: again ? delay : undefined,
      });
      if (!again) return;
      await pause(delay, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      delay = Math.min(2 * delay, MAX_BACKOFF_MS);
      running = await this.#launch();
    }
  }

  async stop(graceMs = GRACE_MS): Promise<void> {
    this.#stopping.abort();
    const pid = this.#running?.pid;
    if (pid !== undefined) signal(pid, "SIGTERM");
    const timer = setTimeout(() => {
      if (this.#running?.pid === pid && pid) signal(-pid, "SIGKILL");
    }, graceMs);
    await this.#watch;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}

async function textFrom(path: string, offset: number): Promise<string> {
  try {
    const bytes = await Deno.readFile(path);
    return new TextDecoder().decode(bytes.subarray(offset)).slice(-4_096);
  } catch {
    return "";
  }
}
