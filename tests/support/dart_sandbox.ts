/** A compiled function as a process in an exchange directory, without a container. */
import { AnswerPipe } from "../../runtime/exchange/answer_pipe.ts";
import { RingPipe } from "../../runtime/exchange/ring_pipe.ts";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import { LogFile, type LogLine } from "../../src/contracts/log.ts";
import { parseJson } from "../../src/contracts/parse.ts";
import { dartVm } from "./dart_vm.ts";
import { FrameQueue } from "./frame_queue.ts";
import { until } from "./until.ts";

const FILES = ["request.json", "logs.json", "result.json"] as const;

/** A process that hangs is ended after so long, and its test fails. */
const WATCHDOG_MS = 60_000;

export interface DartSandboxOptions {
  /** The text of .env.config. */
  env?: string;
  /** The text of request.json at the start. */
  request?: string;
  /** Without one the process serves once and ends. */
  hasDoorbell?: boolean;
  /** With a pipe beside the doorbell, at which it waits for so long. */
  releaseMs?: number;
  vm?: string;
  /** The process waits for a function: what to start in place of one. */
  loader?: string[];
  uid?: number;
}

export class DartSandbox implements AsyncDisposable {
  readonly path: string;
  readonly #isLoader: boolean;
  readonly #child: Deno.ChildProcess;
  readonly #listener: Deno.UnixListener | undefined;
  readonly #pipe: RingPipe | undefined;
  readonly #answerPipe: AnswerPipe | undefined;
  readonly #watchdog: ReturnType<typeof setTimeout>;
  #connection: Deno.UnixConn | undefined;
  #answers: Deno.UnixConn | undefined;
  readonly #frames = new FrameQueue();

  private constructor(
    path: string,
    kernel: string,
    options: DartSandboxOptions,
  ) {
    const { hasDoorbell = true, releaseMs, vm = dartVm(), uid, loader } =
      options;
    this.path = path;
    this.#isLoader = loader !== undefined;
    if (releaseMs) {
      this.#pipe = new RingPipe(`${path}/ring`, releaseMs);
      this.#answerPipe = new AnswerPipe(`${path}/answer`);
    }
    if (hasDoorbell) {
      const doorbell = `${path}/doorbell`;
      this.#listener = Deno.listen({ transport: "unix", path: doorbell });
      Deno.chmodSync(doorbell, 0o666);
    }
    this.#child = new Deno.Command(vm, {
      args: loader ?? [kernel],
      cwd: path,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(uid !== undefined && { uid, gid: uid }),
    }).spawn();
    this.#watchdog = setTimeout(() => this.kill(), WATCHDOG_MS);
  }

  /** Resolves when the process is ready, at once where there is no doorbell. */
  static async start(
    kernel: string,
    options: DartSandboxOptions = {},
  ): Promise<DartSandbox> {
    const path = await Deno.makeTempDir();
    await Deno.chmod(path, 0o755);
    for (const name of FILES) await Deno.writeTextFile(`${path}/${name}`, "");
    await Deno.writeTextFile(`${path}/request.json`, options.request ?? "");
    await Deno.writeTextFile(`${path}/.env.config`, options.env ?? "");
    await Deno.chmod(`${path}/logs.json`, 0o666);
    await Deno.chmod(`${path}/result.json`, 0o666);
    const sandbox = new DartSandbox(path, kernel, options);
    try {
      await sandbox.#connect();
      return sandbox;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #connect(): Promise<void> {
    if (!this.#listener) return;
    // A process that ends before it connects fails the test, not the machine.
    const connection = await Promise.race([
      this.#listener.accept(),
      this.#child.status,
    ]);
    if (!("read" in connection)) {
      throw new Error(`The VM ended: ${(await this.end()).stderr}`);
    }
    this.#connection = connection;
    void this.#frames.hear(connection);
    void this.#hearAnswers(this.#listener);
    // Who waits for a function does so at the doorbell.
    const waits = this.#isLoader ? {} : this.#waits;
    await this.#expect({ type: "ready", protocol: 1, ...waits });
    if (!this.#isLoader) this.#pipe?.waitedAtFirst();
  }

  /** What a frame says where the process waits at the pipe. */
  get #waits(): { waits?: true } {
    return this.#pipe ? { waits: true } : {};
  }

  async #expect(frame: Record<string, unknown>): Promise<void> {
    const [got, expected] = [await this.nextFrame(), frame]
      .map((each) => JSON.stringify(each));
    if (got !== expected) throw new Error(`got ${got}, expected ${expected}`);
  }

  /** Hands a function to a process that waits for one. */
  async load(program: string): Promise<unknown> {
    const frame = { type: "load", program, directory: this.path };
    await this.send(`${JSON.stringify(frame)}\n`);
    const answer = await this.nextFrame();
    this.#pipe?.waitedAtFirst();
    return answer;
  }

  /**
   * Lays a request down as the runtime does, rings, and waits for the answer.
   *
   * @returns how it rang
   */
  async ring(
    invocation: string,
    request: unknown,
  ): Promise<"doorbell" | "pipe"> {
    await this.layDown(JSON.stringify(request));
    // Not before: what takes time lets the function go back to the doorbell.
    const how = this.#pipe?.isWaitedAt ? "pipe" : "doorbell";
    if (how === "pipe") this.#pipe?.ring(invocation);
    else await this.send(`${JSON.stringify({ type: "ring", invocation })}\n`);
    await this.#expect({ type: "done", invocation, ...this.#waits });
    this.#pipe?.waitedAt();
    return how;
  }

  /** As `ring`, by the pipe, with the answer by the pipe of answers. */
  async ringWatched(invocation: string, request: unknown): Promise<void> {
    await this.layDown(JSON.stringify(request));
    if (!this.#pipe?.isWaitedAt) throw new Error("It waits at no pipe");
    this.#pipe.ring(invocation, true);
    this.#frames.push(JSON.parse(await this.#answerPipe?.next() ?? "null"));
    await this.#expect({ type: "done", invocation, waits: true });
    this.#pipe.waitedAt();
  }

  /** Resolves when the process was sent back from the pipe. */
  async released(): Promise<void> {
    await until(() => !this.#pipe?.isWaitedAt);
  }

  async layDown(request: string): Promise<void> {
    await Deno.truncate(`${this.path}/logs.json`);
    await Deno.truncate(`${this.path}/result.json`);
    await Deno.writeTextFile(`${this.path}/request.json`, request);
  }

  async send(text: string): Promise<void> {
    await this.#connection?.write(new TextEncoder().encode(text));
  }

  /** Whether the process has a second connection, for its answers. */
  get hasAnswerLine(): boolean {
    return this.#answers !== undefined;
  }

  /** The process answers by it where it waits at the pipe. */
  async #hearAnswers(listener: Deno.UnixListener): Promise<void> {
    try {
      this.#answers = await listener.accept();
    } catch {
      return; // It never came.
    }
    await this.#frames.hear(this.#answers);
  }

  /** The next frame from the process, undefined at the end of a connection. */
  nextFrame(): Promise<unknown> {
    return this.#frames.next();
  }

  read(name: "logs.json" | "result.json"): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  result(): CloudResponse {
    return parseJson(CloudResponse, this.read("result.json"), "result.json");
  }

  /** None where nothing was logged: the file is empty then. */
  logs(): LogLine[] {
    const text = this.read("logs.json");
    return text === "" ? [] : parseJson(LogFile, text, "logs.json").logs;
  }

  /** `level message` of every line. */
  lines(): string[] {
    return this.logs().map(({ level, message }) => `${level} ${message}`);
  }

  hangUp(): void {
    this.#connection?.close();
    this.#answers?.close();
    this.#connection = this.#answers = undefined;
    this.#pipe?.[Symbol.dispose]();
    this.#answerPipe?.[Symbol.dispose]();
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  /** What it writes to its standard output next. */
  async nextOutput(): Promise<string> {
    const reader = this.#child.stdout.getReader();
    try {
      return new TextDecoder().decode((await reader.read()).value);
    } finally {
      reader.releaseLock();
    }
  }

  /** Resolves when the process has ended. */
  async end(): Promise<{ code: number; stdout: string; stderr: string }> {
    const { code, stdout, stderr } = await this.#child.output();
    const decoder = new TextDecoder();
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#watchdog);
    this.kill();
    await this.#child.status;
    if (!this.#child.stdout.locked) await this.#child.stdout.cancel();
    if (!this.#child.stderr.locked) await this.#child.stderr.cancel();
    this.hangUp();
    this.#listener?.close();
    await Deno.remove(this.path, { recursive: true });
  }
}
