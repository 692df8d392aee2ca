/** How a version gets a sandbox: a generic one takes it in, else one starts from its image. */
import { AppError } from "../../src/contracts/error.ts";
import type { VersionRecord } from "../../src/contracts/function.ts";
import { requireApproved } from "../../src/contracts/network.ts";
import type { Logger } from "../../src/log.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import type { GenericStock } from "../prewarm/generic_stock.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { type SandboxTarget, targetOf } from "../sandbox/target.ts";
import type { RuntimeSettings } from "../settings.ts";
import type { Loader } from "../toolchain/toolchain.ts";

export interface SandboxStarterDeps {
  engine: ContainerEngine;
  settings: RuntimeSettings;
  stock: GenericStock;
  loader: Loader | undefined;
  log: Logger;
  nextName(): string;
  /** Whether an image speaks as this runtime does. */
  isCurrent(image: string): boolean;
  /** Builds the version's image again, and tells its tag. */
  restore(version: VersionRecord): Promise<string>;
}

export class SandboxStarter {
  readonly #deps: SandboxStarterDeps;

  constructor(deps: SandboxStarterDeps) {
    this.#deps = deps;
  }

  /**
   * @param isAhead Nobody waits: what is ready at once stays for who does.
   * @param network In place of none.
   * @throws {AppError} as `Sandbox.start`; `forbidden` when the network is not
   * an approved one
   */
  async start(
    version: VersionRecord,
    isAhead: boolean,
    network?: string,
  ): Promise<Sandbox> {
    const { settings } = this.#deps;
    if (network !== undefined) requireApproved(network, settings.networks);
    const target = await this.#current(
      version,
      targetOf(version, settings, network),
    );
    // Those that were started ahead have no network.
    const prewarmed = isAhead || network !== undefined
      ? undefined
      : await this.#prewarmed(target);
    return prewarmed ?? await this.#cold(version, target);
  }

  async #prewarmed(target: SandboxTarget): Promise<Sandbox | undefined> {
    const { stock, loader, log } = this.#deps;
    if (stock.size === 0) return undefined;
    const program = await loader?.artefact(target.image);
    const generic = program && stock.take(target.memoryMb);
    if (!generic) return undefined;
    try {
      return await generic.become(target, program, this.#deadline());
    } catch (error) {
      // What the function does at its start is told by its own image.
      log.info("Cannot load into a sandbox; starting one from the image", {
        functionId: target.functionId,
        error,
      });
      return undefined;
    }
  }

  /** An image of an older Oche is built again first. */
  async #current(
    version: VersionRecord,
    target: SandboxTarget,
  ): Promise<SandboxTarget> {
    const { isCurrent, restore } = this.#deps;
    if (isCurrent(target.image)) return target;
    return { ...target, image: await restore(version) };
  }

  /** An image that is gone is built again, once. */
  async #cold(version: VersionRecord, target: SandboxTarget): Promise<Sandbox> {
    const { engine, settings, nextName, restore } = this.#deps;
    const start = (image: string) =>
      Sandbox.start(
        { engine, settings, containerName: nextName() },
        { ...target, image },
        this.#deadline(),
      );
    try {
      return await start(target.image);
    } catch (error) {
      const { code } = AppError.from(error);
      if (code === "function_failed" || await engine.hasImage(target.image)) {
        throw error;
      }
      return await start(await restore(version));
    }
  }

  #deadline(): number {
    return Date.now() + this.#deps.settings.startMs;
  }
}
