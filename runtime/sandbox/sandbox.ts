/** One container with its exchange directory: started, called, closed. */
import type { CloudResponse } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { LogLine } from "../../src/contracts/log.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { readLogLines, readResponse } from "../exchange/answer.ts";
import { ExchangeDirectory, exchangePath } from "../exchange/directory.ts";
import { LABEL, type Role } from "../labels.ts";
import type { RuntimeSettings } from "../settings.ts";
import { specVariables } from "./environment.ts";
import {
  deathError,
  type Exit,
  garbageError,
  timeoutError,
} from "./failure.ts";
import { harden } from "./hardening.ts";
import { asLogLine, lastErrors, OutputRing } from "./output.ts";

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

  private constructor(
    { engine, settings }: SandboxSource,
    exchange: ExchangeDirectory,
  ) {
    this.#engine = engine;
    this.#settings = settings;
    this.#exchange = exchange;
  }

  get state(): SandboxState {
    return this.#state;
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
    const { installation, runtimeId } = this.#settings;
    const role: Role = "sandbox";
    const id = await this.#engine.create({
      name,
      image: target.image,
      labels: {
        [LABEL.installation]: installation,
        [LABEL.runtime]: runtimeId,
        [LABEL.function]: target.functionId,
        [LABEL.version]: String(target.version),
        [LABEL.role]: role,
      },
      workingDir: this.#exchange.insidePath,
      binds: [{
        source: this.#exchange.path,
        target: this.#exchange.insidePath,
        readOnly: false,
      }],
      ...harden({ ...this.#settings, memoryMb: target.memoryMb }),
    });
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

  async #within<Value>(
    deadline: number,
    event: Promise<Value>,
  ): Promise<Value | "timeout" | "died"> {
    const { promise, resolve } = Promise.withResolvers<"timeout">();
    const left = Math.max(0, deadline - Date.now());
    const timer = setTimeout(() => resolve("timeout"), left);
    const death = this.#exit?.then(
      () => "died" as const,
      () => "died" as const,
    );
    try {
      return await Promise.race(
        death ? [event, promise, death] : [event, promise],
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async #whyItDied(): Promise<AppError> {
    const exit = await this.#within(Date.now() + 2_000, this.#exit ?? never());
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
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
