/** One container with the exchange directory of one version: started, called, closed. */
import type { CloudResponse, StartKind } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { LogLine } from "../../src/contracts/log.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { readLogLines, readResponse } from "../exchange/answer.ts";
import type { AnswerWait } from "../exchange/answer_pipe.ts";
import type { ExchangeDirectory } from "../exchange/directory.ts";
import type { RuntimeSettings } from "../settings.ts";
import { SandboxContainer } from "./container.ts";
import { containerSpec } from "./container_spec.ts";
import { within } from "./deadline.ts";
import { garbageError, timeoutError } from "./failure.ts";
import { asLogLine } from "./output.ts";
import { exchangeOf, type SandboxTarget } from "./target.ts";

export interface SandboxSource {
  engine: ContainerEngine;
  settings: RuntimeSettings;
  /** Unique for certain. */
  containerName: string;
}

export interface CallResult {
  outcome:
    | { response: CloudResponse; error?: never }
    | { error: AppError; response?: never };
  logs: LogLine[];
}

/** How the function side came up, or why it will not. */
type StartOutcome = "ready" | "loaded" | "garbage" | "closed";

/** States only move forward, but for idle and busy, which take turns. */
export type SandboxState = "starting" | "idle" | "busy" | "closed";

export class Sandbox implements AsyncDisposable {
  readonly startKind: StartKind;
  readonly #settings: RuntimeSettings;
  readonly #container: SandboxContainer;
  readonly #exchange: ExchangeDirectory;
  #state: SandboxState = "starting";
  #closing: Promise<void> | undefined;
  readonly #gone = Promise.withResolvers<void>();

  private constructor(
    settings: RuntimeSettings,
    container: SandboxContainer,
    exchange: ExchangeDirectory,
    startKind: StartKind,
  ) {
    this.startKind = startKind;
    this.#settings = settings;
    this.#container = container;
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
   * Starts a container of the version's image, and resolves when the function
   * side is ready for its first ring.
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
    const { engine, settings, containerName: name } = source;
    const exchange = exchangeOf(settings, target, name);
    let container: SandboxContainer;
    try {
      container = await SandboxContainer.start(
        engine,
        containerSpec(settings, target, { name, exchange }),
      );
    } catch (error) {
      exchange[Symbol.dispose]();
      throw error;
    }
    const sandbox = new Sandbox(settings, container, exchange, "cold");
    await sandbox.#awaitReady(exchange.doorbell.ready, deadline);
    return sandbox;
  }

  /**
   * A running container that takes a function in. It is the sandbox's from now
   * on: removed with it, or when that never comes.
   *
   * @param loaded Resolves when it takes its first ring.
   * @throws {AppError} as `start`
   */
  static async of(
    settings: RuntimeSettings,
    { container, exchange, loaded }: {
      container: SandboxContainer;
      exchange: ExchangeDirectory;
      loaded: Promise<StartOutcome>;
    },
    deadline: number,
  ): Promise<Sandbox> {
    const sandbox = new Sandbox(settings, container, exchange, "prewarmed");
    await sandbox.#awaitReady(loaded, deadline);
    return sandbox;
  }

  async #awaitReady(
    started: Promise<StartOutcome>,
    deadline: number,
  ): Promise<void> {
    try {
      this.#container.onDeath(() => {
        // A call hears of a death from the doorbell; between calls nobody would.
        this.#exchange.doorbell[Symbol.dispose]();
        if (this.#state === "idle") void this.close().catch(() => {});
      });
      const how = await within(deadline, started);
      if (how === "timeout") {
        throw timeoutError("Cannot start the sandbox in time");
      }
      if (how === "closed" || how === "garbage") {
        throw await this.#container.whyItDied(deadline);
      }
      await this.#container.confine();
      this.#state = "idle";
      // Nobody calls one that speaks out of turn; nobody would miss it either.
      void this.#exchange.doorbell.broken.then(() => {
        if (this.#state === "idle") void this.close().catch(() => {});
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Serves one request. Whatever goes wrong with the function is an outcome,
   * not an exception, and closes the sandbox.
   *
   * @param request As JSON.
   * @param deadline Absolute, in milliseconds since 1970.
   * @param wait How for the answer of a quick function.
   */
  async call(
    invocationId: string,
    request: Uint8Array,
    deadline: number,
    wait?: AnswerWait,
  ): Promise<CallResult> {
    if (this.#state !== "idle") {
      throw new AppError("internal", `Cannot call a ${this.#state} sandbox`);
    }
    this.#state = "busy";
    try {
      this.#container.output.take();
      this.#exchange.writeRequest(request);
      const how = await within(
        deadline,
        this.#exchange.doorbell.ring(invocationId, wait),
      );
      if (how === "done") {
        const response = readResponse(
          this.#exchange,
          invocationId,
          this.#settings.maxResultBytes,
        );
        const logs = this.#logs(invocationId);
        // Unless it was closed meanwhile.
        if (this.#state === "busy") this.#state = "idle";
        return { outcome: { response }, logs };
      }
      throw how === "timeout"
        ? timeoutError("Cannot wait for the function any longer")
        : how === "garbage"
        ? garbageError()
        : await this.#container.whyItDied(deadline);
    } catch (thrown) {
      const error = AppError.from(thrown);
      const logs = this.#logs(invocationId);
      void this.close().catch(() => {});
      return { outcome: { error }, logs };
    }
  }

  /** The file's lines, and what went past the logger to the container's output. */
  #logs(invocationId: string): LogLine[] {
    const lines = readLogLines(
      this.#exchange,
      invocationId,
      this.#settings.maxLogBytes,
    );
    const output = this.#container.output.take();
    return output.length === 0 ? lines : [...lines, ...output.map(asLogLine)];
  }

  /** Takes the CPU away until `thaw`. */
  freeze(): Promise<void> {
    return this.#container.freeze();
  }

  thaw(): Promise<void> {
    return this.#container.thaw();
  }

  /** Kills and removes for certain; a second call waits for the first. */
  close(): Promise<void> {
    this.#state = "closed";
    this.#closing ??= this.#remove();
    return this.#closing;
  }

  async #remove(): Promise<void> {
    try {
      await this.#container.remove();
    } finally {
      this.#exchange[Symbol.dispose]();
      this.#gone.resolve();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
