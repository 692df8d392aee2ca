/** One invocation: find the version, get a sandbox, call it, tell what came of it. */
import type { CloudRequest } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { VersionRecord } from "../../src/contracts/function.ts";
import type {
  InvokeOptions,
  InvokeReply,
  LogStore,
  Registry,
} from "../../src/contracts/port.ts";
import type { Logger } from "../../src/log.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { timeoutError } from "../sandbox/failure.ts";
import {
  type CallResult,
  Sandbox,
  type SandboxTarget,
} from "../sandbox/sandbox.ts";
import { memoryFor, type RuntimeSettings } from "../settings.ts";
import { Slots } from "./slots.ts";

export interface InvokerDeps {
  registry: Registry;
  logs: LogStore;
  engine: ContainerEngine;
  settings: RuntimeSettings;
  log: Logger;
  nextName(): string;
  /** Builds a missing image again. */
  restore(version: VersionRecord): Promise<void>;
}

export class Invoker {
  readonly #deps: InvokerDeps;
  readonly #slots: Slots;
  readonly #closing = new Set<Promise<void>>();

  constructor(deps: InvokerDeps) {
    this.#deps = deps;
    this.#slots = new Slots(deps.settings.maxSandboxes);
  }

  /** @throws {AppError} what there is no invocation for: `not_found`, `busy` … */
  async invoke(
    ref: string,
    request: CloudRequest,
    options: InvokeOptions,
  ): Promise<InvokeReply> {
    const version = await this.#resolve(ref, options.version);
    if (options.deadline !== undefined && options.deadline <= Date.now()) {
      throw timeoutError("Cannot invoke: the deadline has passed");
    }
    const slot = this.#slots.take();
    const invocationId = crypto.randomUUID();
    const begun = performance.now();
    let result: CallResult;
    try {
      result = await this.#run(invocationId, version, request, options, slot);
    } catch (error) {
      slot[Symbol.dispose]();
      result = { outcome: { error: AppError.from(error) }, logs: [] };
      this.#report(invocationId, version, error);
    }
    this.#keepLogs(invocationId, version, result);
    return {
      invocationId,
      version: version.version,
      durationMs: performance.now() - begun,
      start: "cold",
      ...result,
    };
  }

  async #run(
    invocationId: string,
    version: VersionRecord,
    request: CloudRequest,
    { deadline = Infinity }: InvokeOptions,
    slot: Disposable,
  ): Promise<CallResult> {
    const { settings } = this.#deps;
    const sandbox = await this.#start(version, deadline);
    try {
      return await sandbox.call(
        invocationId,
        JSON.stringify(request),
        Math.min(deadline, Date.now() + settings.timeoutMs),
      );
    } finally {
      this.#closeLater(sandbox, slot);
    }
  }

  /** An image that is gone is built again, once. */
  async #start(version: VersionRecord, deadline: number): Promise<Sandbox> {
    const { engine, settings, nextName, restore } = this.#deps;
    const target = targetOf(version, settings);
    const start = () =>
      Sandbox.start(
        { engine, settings, containerName: nextName() },
        target,
        Math.min(deadline, Date.now() + settings.startMs),
      );
    try {
      return await start();
    } catch (error) {
      if (await engine.hasImage(target.image)) throw error;
      await restore(version);
      return await start();
    }
  }

  /** The answer need not wait for the removal; the slot does. */
  #closeLater(sandbox: Sandbox, slot: Disposable): void {
    const closing = sandbox.close()
      .catch((error) =>
        this.#deps.log.warn("Cannot remove a sandbox", { error })
      )
      .finally(() => {
        slot[Symbol.dispose]();
        this.#closing.delete(closing);
      });
    this.#closing.add(closing);
  }

  async #resolve(
    ref: string,
    wanted: number | undefined,
  ): Promise<VersionRecord> {
    const { registry } = this.#deps;
    const record = await registry.find(ref);
    if (!record) {
      throw new AppError("not_found", `Cannot find function "${ref}"`, {
        hint: "List what is deployed: ./oche list",
      });
    }
    const number = wanted ?? record.current;
    if (number === null) {
      throw new AppError(
        "not_found",
        `Cannot invoke "${ref}": no version is ready`,
        {
          hint: `See why: ./oche versions ${record.name}`,
        },
      );
    }
    const version = await registry.version(record.id, number);
    if (version?.status !== "ready") {
      throw new AppError(
        "not_found",
        `Cannot invoke version ${number} of "${ref}": it is ${
          version?.status ?? "unknown"
        }`,
        { hint: `See which are ready: ./oche versions ${record.name}` },
      );
    }
    return version;
  }

  #keepLogs(
    invocationId: string,
    { functionId, version }: VersionRecord,
    { logs: lines }: CallResult,
  ): void {
    if (lines.length === 0) return;
    this.#deps.logs.append({ functionId, version, invocationId, lines })
      .catch((error) =>
        this.#deps.log.warn("Cannot keep log lines", { error })
      );
  }

  #report(invocationId: string, version: VersionRecord, error: unknown): void {
    if (error instanceof AppError && error.code !== "unavailable") return;
    this.#deps.log.error("Cannot run an invocation", {
      invocationId,
      functionId: version.functionId,
      version: version.version,
      error,
    });
  }

  /** Waits until the sandboxes of ended invocations are removed. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#closing);
  }
}

function targetOf(
  { functionId, version, image = "", imageBytes = 0 }: VersionRecord,
  settings: RuntimeSettings,
): SandboxTarget {
  return {
    functionId,
    version,
    image,
    memoryMb: memoryFor(imageBytes, settings.memoryMb),
    env: {},
  };
}
