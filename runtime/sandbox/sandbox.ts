/** One container with its exchange directory: started, called, closed. */
import type { CloudResponse } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { LogLine } from "../../src/contracts/log.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { readLogLines, readResponse } from "../exchange/answer.ts";
import { ExchangeDirectory, exchangePath } from "../exchange/directory.ts";
import type { RuntimeSettings } from "../settings.ts";
import { containerSpec } from "./container_spec.ts";
import { within } from "./deadline.ts";
import { specVariables } from "./environment.ts";
import {
  deathError,
  type Exit,
  garbageError,
  timeoutError,
} from "./failure.ts";
import { asLogLine, lastErrors, OutputRing } from "./output.ts";

/** How long the engine may take to tell of a death. */
const EXIT_MS = 2_000;

export interface SandboxSource {
  engine: ContainerEngine;
  settings: RuntimeSettings;
  /** Unique for certain. */
  containerName: string;
}

/** What a sandbox runs. */
export interface SandboxTarget {
  functionId: string;
  version: number;
  image: string;
  memoryMb: number;
  /** The author's variables; the spec's own are added. */
  env: Record<string, string>;
}

export interface CallResult {
  outcome:
    | { response: CloudResponse; error?: never }
    | { error: AppError; response?: never };
  logs: LogLine[];
}

/** States only move forward, but for idle and busy, which take turns. */
export type SandboxState = "starting" | "idle" | "busy" | "closed";

export class Sandbox implements AsyncDisposable {
  readonly #engine: ContainerEngine;
  readonly #settings: RuntimeSettings;
  readonly #exchange: ExchangeDirectory;
  readonly #output = new OutputRing();
  #container: string | undefined;
  #exit: Promise<Exit> | undefined;
  #state: SandboxState = "starting";
  #closing: Promise<void> | undefined;
  readonly #gone = Promise.withResolvers<void>();

  private constructor(
    { engine, settings }: SandboxSource,
    exchange: ExchangeDirectory,
  ) {
    this.#engine = engine;
    this.#settings = settings;
    this.#exchange = exchange;
  }

  get isIdle(): boolean {
    return this.#state === "idle" && !this.#exchange.doorbell.isBroken;
  }

  /** Resolves when it is gone, for whatever reason. */
  get closed(): Promise<void> {
    return this.#gone.promise;
  }

  /**
   * Starts, and resolves when the function side is ready for its first ring.
   *
   * @param deadline Absolute, in milliseconds since 1970.
   * @throws {AppError} `function_failed` when it ends first, `timeout`,
   * `unavailable` when the engine cannot
   */
  static async start(
    source: SandboxSource,
    target: SandboxTarget,
    deadline: number,
  ): Promise<Sandbox> {
    const { settings, containerName } = source;
    const place = { ...target, containerName };
    const exchange = new ExchangeDirectory({
      ...place,
      functionsDir: settings.functionsDir,
      env: {
        ...target.env,
        ...settings.database,
        ...specVariables(settings, target, exchangePath(place)),
      },
    });
    const sandbox = new Sandbox(source, exchange);
    try {
      await sandbox.#boot(target, containerName, deadline);
      return sandbox;
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  async #boot(
    target: SandboxTarget,
    name: string,
    deadline: number,
  ): Promise<void> {
    const id = await this.#engine.create(
      containerSpec(this.#settings, target, { name, exchange: this.#exchange }),
    );
    this.#container = id;
    await this.#engine.attach(
      id,
      (stream, line) => this.#output.add(stream, line),
    );
    await this.#engine.start(id);
    this.#exit = this.#engine.waitExit(id);
    this.#exit.catch(() => {});
    const how = await this.#within(deadline, this.#exchange.doorbell.ready);
    if (how === "timeout") {
      throw timeoutError("Cannot start the sandbox in time");
    }
    if (how !== "ready") throw await this.#whyItDied();
    this.#state = "idle";
    // A call notices a death by itself; between calls nobody else would.
    void this.#exit.catch(() => {}).then(() => {
      if (this.#state === "idle") void this.close();
    });
  }

  /**
   * Serves one request. Whatever goes wrong with the function is an outcome,
   * not an exception, and closes the sandbox.
   *
   * @param deadline Absolute, in milliseconds since 1970.
   */
  async call(
    invocationId: string,
    request: string,
    deadline: number,
  ): Promise<CallResult> {
    if (this.#state !== "idle") {
      throw new AppError("internal", `Cannot call a ${this.#state} sandbox`);
    }
    this.#state = "busy";
    try {
      this.#output.take();
      this.#exchange.writeRequest(request);
      const how = await this.#within(
        deadline,
        this.#exchange.doorbell.ring(invocationId),
      );
      if (how === "done") {
        const response = readResponse(
          this.#exchange,
          this.#settings.maxResultBytes,
        );
        const result = { outcome: { response }, logs: this.#logs() };
        this.#state = "idle";
        return result;
      }
      throw how === "timeout"
        ? timeoutError("Cannot wait for the function any longer")
        : how === "garbage"
        ? garbageError()
        : await this.#whyItDied();
    } catch (thrown) {
      const error = AppError.from(thrown);
      const logs = this.#logs();
      void this.close().catch(() => {});
      return { outcome: { error }, logs };
    }
  }

  /** The file's lines, and what went past the logger to the container's output. */
  #logs(): LogLine[] {
    return [
      ...readLogLines(this.#exchange, this.#settings.maxLogBytes),
      ...this.#output.take().map(asLogLine),
    ];
  }

  /** A death ends the wait too, as the first of the two to be noticed. */
  async #within<Value>(
    deadline: number,
    event: Promise<Value>,
  ): Promise<Value | "timeout" | "died"> {
    const events: Promise<Value | "died">[] = [event];
    if (this.#exit) events.push(this.#exit.then(() => "died", () => "died"));
    return await within(deadline, Promise.race(events));
  }

  async #whyItDied(): Promise<AppError> {
    const exit = await within(
      Date.now() + EXIT_MS,
      Promise.resolve(this.#exit),
    );
    const lines = this.#output.take();
    for (const { stream, text } of lines) this.#output.add(stream, text);
    return deathError(
      typeof exit === "string" ? undefined : exit,
      lastErrors(lines),
    );
  }

  /** Kills and removes for certain; a second call waits for the first. */
  close(): Promise<void> {
    this.#state = "closed";
    this.#closing ??= this.#remove();
    return this.#closing;
  }

  async #remove(): Promise<void> {
    try {
      if (this.#container !== undefined) {
        await this.#engine.remove(this.#container);
      }
    } finally {
      this.#exchange[Symbol.dispose]();
      this.#gone.resolve();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
