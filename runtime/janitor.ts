/** When garbage goes: at a start, now and then, and when a function is removed. */
import type {
  ObjectStore,
  Registry,
  StoreUpkeep,
} from "../src/contracts/port.ts";
import type { Logger } from "../src/log.ts";
import type { ContainerEngine, ContainerSummary } from "./engine/engine.ts";
import { removeOrphanContainers } from "./garbage/containers.ts";
import { removeOrphanDirectories } from "./garbage/directories.ts";
import { removeOrphanImages } from "./garbage/images.ts";
import { removeOrphanObjects } from "./garbage/objects.ts";
import { removeSurplus } from "./garbage/versions.ts";
import type { RuntimeSettings } from "./settings.ts";
import type { Artefacts } from "./toolchain/artefacts.ts";
import { ensureFunctionsVolume } from "./volume.ts";

const PERIOD_MS = 10_000;
/** Sweeps from one look through the stores to the next. */
const STORES_EVERY = 30;

export interface JanitorDeps {
  engine: ContainerEngine;
  registry: Registry;
  settings: RuntimeSettings;
  artefacts: Pick<Artefacts, "remove">;
  archives: Pick<ObjectStore, "remove">;
  upkeep: StoreUpkeep;
  /** Of sandboxes without a function; where there are none, undefined. */
  loaderImage: string | undefined;
  log: Logger;
  /** The ids of the runtimes that are alive, this one among them. */
  liveRuntimes(): Promise<Set<string>>;
}

export class Janitor implements AsyncDisposable {
  readonly #deps: JanitorDeps;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #subscription: Disposable;
  #sweep: Promise<void> = Promise.resolve();
  #sweeps = 0;

  constructor(deps: JanitorDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => this.#again(), PERIOD_MS);
    this.#subscription = deps.registry.onChange(({ type }) => {
      if (type === "removed") this.#again();
    });
  }

  /** One sweep after the other; an error waits for the next one. */
  #again(): void {
    this.#sweep = this.#sweep.then(() => this.sweep()).catch((error) =>
      this.#deps.log.warn("Cannot sweep", { error })
    );
  }

  /**
   * Containers and directories: what dead runtimes left running, or in memory.
   *
   * @returns the containers that have an owner
   */
  async removeLeftovers(live?: Set<string>): Promise<ContainerSummary[]> {
    const { functionsDir, installation } = this.#deps.settings;
    const containers = await removeOrphanContainers(
      { ...this.#deps, installation },
      live ?? await this.#deps.liveRuntimes(),
    );
    await removeOrphanDirectories(
      functionsDir,
      new Set(containers.map(({ name }) => name)),
    );
    return containers;
  }

  async sweep(): Promise<void> {
    const { engine, settings } = this.#deps;
    const { installation, keepVersions } = settings;
    await ensureFunctionsVolume(engine, settings);
    const live = await this.#deps.liveRuntimes();
    const containers = await this.removeLeftovers(live);
    await removeSurplus({ ...this.#deps, keepVersions });
    await removeOrphanImages({ ...this.#deps, installation }, containers, live);
    if (this.#sweeps++ % STORES_EVERY === 0) {
      await removeOrphanObjects(this.#deps);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription[Symbol.dispose]();
    await this.#sweep;
  }
}
