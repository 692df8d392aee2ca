/** A deploy from event to version: one readable pipeline, a step a line. */
import { archiveName, type DeployEvent } from "../../src/contracts/deploy.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { VersionRecord } from "../../src/contracts/function.ts";
import type {
  BuildProgress,
  ObjectStore,
  Registry,
} from "../../src/contracts/port.ts";
import { toProblem } from "../../src/contracts/problem.ts";
import type { Logger } from "../../src/log.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { prepare } from "./prepare.ts";
import type { SmokeTest } from "./smoke_test.ts";

/** After so many runtimes died over it, a deploy has failed. */
const MAX_ATTEMPTS = 4;
const RESTORE_MS = 120_000;

export interface DeployerDeps {
  registry: Registry;
  archives: ObjectStore;
  progress: BuildProgress;
  engine: ContainerEngine;
  toolchain: Toolchain;
  smokeTest: SmokeTest;
  log: Logger;
}

export class Deployer {
  readonly #deps: DeployerDeps;
  readonly #restoring = new Map<string, Promise<void>>();

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
      await this.#build(event, signal);
      log.info("Deployed", { functionId, version });
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
      await archives.remove(event.archive);
    }
    this.#deps.progress.emit(functionId, version, { type: "end" });
  }

  /**
   * Builds the image of a ready version again: it was removed, or the engine is
   * another one. Callers at the same time wait for one build.
   *
   * @throws {AppError} why it cannot
   */
  restore({ functionId, version }: VersionRecord): Promise<void> {
    const archive = archiveName(functionId, version);
    const restoring = this.#restoring.get(archive) ?? this.#restore({
      functionId,
      version,
      archive,
    }).finally(() => this.#restoring.delete(archive));
    this.#restoring.set(archive, restoring);
    return restoring;
  }

  async #restore(
    { functionId, version, archive }: Omit<DeployEvent, "sha256">,
  ): Promise<void> {
    const { archives, toolchain, log } = this.#deps;
    log.info("Building a missing image again", { functionId, version });
    const { input } = await prepare(await archives.get(archive));
    await toolchain.build(
      { ...input, functionId, version },
      () => {},
      AbortSignal.timeout(RESTORE_MS),
    );
  }

  async #build(event: DeployEvent, signal: AbortSignal): Promise<void> {
    const { registry, archives, engine, toolchain, smokeTest } = this.#deps;
    const { functionId, version } = event;
    const begun = performance.now();

    await registry.updateVersion(functionId, version, { status: "building" });
    this.#step(event, "analyse", "Analysing the code");
    const archive = await archives.get(event.archive);
    const { analysis, input } = await prepare(archive);

    this.#step(
      event,
      "build",
      `Building ${analysis.class} with the ${toolchain.name} toolchain`,
    );
    const image = await toolchain.build(
      { ...input, functionId, version },
      (line) => this.#line(event, line),
      signal,
    );
    const imageBytes = (await engine.hasImage(image))?.bytes ?? 0;

    this.#step(event, "start", "Starting it once");
    await smokeTest({ functionId, version, image, imageBytes });

    await registry.updateVersion(functionId, version, {
      status: "ready",
      class: analysis.class,
      file: analysis.file,
      image,
      imageBytes,
      durationMs: Math.round(performance.now() - begun),
    });
    await this.#serve(event);
  }

  /** The newest ready version serves; a slow older deploy does not take over. */
  async #serve({ functionId, version }: DeployEvent): Promise<void> {
    const { registry } = this.#deps;
    const record = await registry.find(functionId);
    if (record?.current === null || (record?.current ?? 0) < version) {
      await registry.setCurrent(functionId, version);
    }
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
