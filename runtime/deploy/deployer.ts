/** A deploy from event to version: one readable pipeline, a step a line. */
import { archiveName, type DeployEvent } from "../../src/contracts/deploy.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { EventSink } from "../../src/contracts/event.ts";
import type {
  FunctionRecord,
  VersionRecord,
} from "../../src/contracts/function.ts";
import type {
  BuildProgress,
  ObjectStore,
  Registry,
} from "../../src/contracts/port.ts";
import { toProblem } from "../../src/contracts/problem.ts";
import type { Logger } from "../../src/log.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { prepare, type PrepareLimits } from "./prepare.ts";
import type { SmokeTest } from "./smoke_test.ts";
import { storedArchive } from "./stored_archive.ts";

/** After so many runtimes died over it, a deploy has failed. */
const MAX_ATTEMPTS = 6;
const RESTORE_MS = 120_000;

export interface DeployerDeps {
  registry: Registry;
  events: EventSink;
  archives: ObjectStore;
  progress: BuildProgress;
  engine: ContainerEngine;
  toolchain: Toolchain;
  limits: PrepareLimits;
  smokeTest: SmokeTest;
  /** Takes over the sandbox that a new version was tried in; false without room. */
  adopt(
    record: FunctionRecord,
    version: VersionRecord,
    sandbox: Sandbox,
  ): boolean;
  log: Logger;
}

export class Deployer {
  readonly #deps: DeployerDeps;
  readonly #restoring = new Map<string, Promise<string>>();

  constructor(deps: DeployerDeps) {
    this.#deps = deps;
  }

  /** Ends in the version record: ready, or failed with the problem. */
  async deploy(
    event: DeployEvent,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { registry, archives, log } = this.#deps;
    const { functionId, version } = event;
    const record = await registry.version(functionId, version);
    // A runtime that died right after its last step left only this to do.
    if (record?.status === "ready") return await this.#serve(event);
    if (record?.status !== "queued" && record?.status !== "building") return;
    try {
      if (attempt > MAX_ATTEMPTS) throw gaveUp();
      await this.#build(event, record, signal);
      log.info("Deployed", { functionId, version });
      this.#deps.events.emit({
        type: "function.deployed",
        functionId,
        data: { version },
      });
    } catch (error) {
      signal.throwIfAborted();
      const problem = toProblem(error);
      log[problem.code === "internal" ? "error" : "info"]("Deploy failed", {
        functionId,
        version,
        problem,
        ...(problem.code === "internal" && { error }),
      });
      if (isTransient(error) && attempt < MAX_ATTEMPTS) throw error;
      await this.#fail(event, problem);
      await archives.remove(archiveName(functionId, version));
      this.#deps.events.emit({
        type: "function.deploy_failed",
        functionId,
        data: { version, problem },
      });
    }
    this.#deps.progress.emit(functionId, version, { type: "end" });
  }

  /**
   * Builds the image of a ready version again: it was removed, the engine is
   * another one, or its packages are of an older Oche. Callers at the same time
   * wait for one build.
   *
   * @returns the image's tag, which is another one where Oche itself changed
   * @throws {AppError} why it cannot
   */
  restore(record: VersionRecord): Promise<string> {
    const name = archiveName(record.functionId, record.version);
    const restoring = this.#restoring.get(name) ??
      this.#restore(record).finally(() => this.#restoring.delete(name));
    this.#restoring.set(name, restoring);
    return restoring;
  }

  async #restore(record: VersionRecord): Promise<string> {
    const { registry, archives, toolchain, limits, log } = this.#deps;
    const { functionId, version } = record;
    log.info("Building an image again: it is gone, or of an older Oche", {
      functionId,
      version,
    });
    const { input } = await prepare(
      await storedArchive(archives, record),
      limits,
    );
    const image = toolchain.imageOf(input);
    await toolchain.build(input, () => {}, AbortSignal.timeout(RESTORE_MS));
    await registry.updateVersion(functionId, version, { image });
    return image;
  }

  async #build(
    event: DeployEvent,
    made: VersionRecord,
    signal: AbortSignal,
  ): Promise<void> {
    const { registry, archives, engine, toolchain, limits, smokeTest, adopt } =
      this.#deps;
    const { functionId, version } = event;
    const begun = performance.now();
    this.#step(event, "analyse", "Analysing the code");
    const archive = await storedArchive(archives, made);
    const { analysis, input } = await prepare(archive, limits);

    // The record keeps the image from being swept away while it is made.
    const image = toolchain.imageOf(input);
    await registry.updateVersion(functionId, version, {
      status: "building",
      image,
    });
    if (!await engine.hasImage(image)) {
      this.#step(
        event,
        "build",
        `Building ${analysis.class} with the ${toolchain.name} toolchain`,
      );
      await toolchain.build(input, (line) => this.#line(event, line), signal);
    }
    const imageBytes = (await engine.hasImage(image))?.bytes ?? 0;

    let sandbox: Sandbox | undefined;
    if (!await this.#isProven(image)) {
      this.#step(event, "start", "Starting it once");
      sandbox = await smokeTest({ functionId, version, image, imageBytes });
    }
    try {
      const ready = await registry.updateVersion(functionId, version, {
        status: "ready",
        class: analysis.class,
        file: analysis.file,
        image,
        imageBytes,
        durationMs: Math.round(performance.now() - begun),
      });
      await this.#serve(event, (record) => {
        if (sandbox && adopt(record, ready, sandbox)) sandbox = undefined;
      });
    } catch (error) {
      await sandbox?.close();
      throw error;
    }
    // What serves does not wait for the end of what nobody took.
    void sandbox?.close().catch(() => {});
  }

  /** Whether a version of the same content came up before. */
  async #isProven(image: string): Promise<boolean> {
    const { registry } = this.#deps;
    for (const { id } of await registry.list()) {
      for (const version of await registry.versions(id)) {
        if (version.image === image && version.status === "ready") return true;
      }
    }
    return false;
  }

  /**
   * The newest ready version serves; a slow older deploy does not take over.
   * Adopts before anybody can call it.
   */
  async #serve(
    { functionId, version }: DeployEvent,
    adopt?: (record: FunctionRecord) => void,
  ): Promise<void> {
    const { registry } = this.#deps;
    const record = await registry.find(functionId);
    if ((record?.current ?? 0) >= version) return;
    if (record) adopt?.(record);
    await registry.setCurrent(functionId, version);
  }

  async #fail(
    { functionId, version }: DeployEvent,
    problem: ReturnType<typeof toProblem>,
  ): Promise<void> {
    try {
      await this.#deps.registry.updateVersion(functionId, version, {
        status: "failed",
        problem,
      });
    } catch (error) {
      // Deleted meanwhile: there is nobody left to tell.
      if (AppError.from(error).code !== "not_found") throw error;
    }
  }

  #step(event: DeployEvent, step: string, message: string): void {
    this.#deps.progress.emit(event.functionId, event.version, {
      type: "step",
      step,
      message,
    });
  }

  #line(event: DeployEvent, line: string): void {
    this.#deps.progress.emit(event.functionId, event.version, {
      type: "log",
      line: line.slice(0, 4_096),
    });
  }
}

/** Not the author's fault, and perhaps over soon. */
function isTransient(error: unknown): boolean {
  return AppError.from(error).code === "unavailable";
}

function gaveUp(): AppError {
  return new AppError(
    "internal",
    `Cannot build: it was tried ${MAX_ATTEMPTS} times and never ended`,
    { hint: "Look at the log of the runtime, then deploy again" },
  );
}
