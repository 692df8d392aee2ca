/** Removes what no live runtime owns: containers, exchange directories, images; puts the volume back. */
import type {
  ObjectStore,
  Registry,
  StoreUpkeep,
} from "../src/contracts/port.ts";
import type { Logger } from "../src/log.ts";
import type { ContainerEngine, ContainerSummary } from "./engine/engine.ts";
import { unlimitDirectory } from "./exchange/quota.ts";
import { removeOrphans } from "./garbage/orphans.ts";
import { removeSurplus } from "./garbage/versions.ts";
import { contentOf, isFunctionTag, isLoaderTag } from "./image/tags.ts";
import { isOurs, LABEL } from "./labels.ts";
import { BUILDS } from "./toolchain/kernel_compiler.ts";
import { BOXES } from "./prewarm/generic_sandbox.ts";
import type { RuntimeSettings } from "./settings.ts";
import type { Artefacts } from "./toolchain/artefacts.ts";
import { ensureFunctionsVolume } from "./volume.ts";

const PERIOD_MS = 10_000;
/** Sweeps from one look through the stores to the next. */
const STORES_EVERY = 30;
/** A directory younger than this may belong to a container in the making. */
const YOUNG_MS = 60_000;

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
  async removeLeftovers(
    live?: Set<string>,
  ): Promise<ContainerSummary[]> {
    const containers = await this.#removeContainers(
      live ?? await this.#deps.liveRuntimes(),
    );
    await this.#removeDirectories(containers);
    return containers;
  }

  async sweep(): Promise<void> {
    await ensureFunctionsVolume(this.#deps.engine, this.#deps.settings);
    const live = await this.#deps.liveRuntimes();
    const containers = await this.removeLeftovers(live);
    await removeSurplus({
      ...this.#deps,
      keepVersions: this.#deps.settings.keepVersions,
    });
    await this.#removeImages(containers);
    await this.#removeLoaders(live);
    if (this.#sweeps++ % STORES_EVERY === 0) await removeOrphans(this.#deps);
  }

  /** @returns those that have an owner */
  async #removeContainers(live: Set<string>): Promise<ContainerSummary[]> {
    const { engine, settings, log } = this.#deps;
    const owned: ContainerSummary[] = [];
    const found = await engine.list({
      [LABEL.installation]: settings.installation,
    });
    for (const container of found) {
      const { id, name, labels } = container;
      if (!isOurs(labels)) continue;
      if (live.has(labels[LABEL.runtime] ?? "")) {
        owned.push(container);
        continue;
      }
      log.info("Removing a container without owner", {
        name,
        installation: settings.installation,
      });
      await engine.remove(id);
    }
    return owned;
  }

  async #removeDirectories(containers: ContainerSummary[]): Promise<void> {
    const { functionsDir } = this.#deps.settings;
    const names = new Set(containers.map(({ name }) => name));
    for await (const { path, name } of exchangeDirectories(functionsDir)) {
      if (names.has(name) || await isYoung(path)) continue;
      unlimitDirectory(path);
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
  }

  /** Images, and what was compiled for them, of no version and no container. */
  async #removeImages(containers: ContainerSummary[]): Promise<void> {
    const { engine, registry, settings, artefacts } = this.#deps;
    const images = await engine.listImages({
      [LABEL.installation]: settings.installation,
      [LABEL.role]: "image",
    });
    if (images.length === 0) return;
    const inUse = new Set(containers.map(({ labels }) => labels[LABEL.image]));
    for (const { id } of await registry.list()) {
      for (const { image, status } of await registry.versions(id)) {
        if (status !== "failed") inUse.add(image);
      }
    }
    for (const { tag } of images) {
      if (inUse.has(tag)) continue;
      if (!isFunctionTag(settings.installation, tag)) continue;
      await engine.removeImage(tag);
      await artefacts.remove(contentOf(tag));
    }
  }

  /** Those of an older Oche, once no other runtime may be of that age. */
  async #removeLoaders(live: Set<string>): Promise<void> {
    const { engine, settings, loaderImage } = this.#deps;
    if (live.size > 1) return;
    const loaders = await engine.listImages({
      [LABEL.installation]: settings.installation,
      [LABEL.role]: "loader",
    });
    for (const { tag } of loaders) {
      if (tag !== loaderImage && isLoaderTag(settings.installation, tag)) {
        await engine.removeImage(tag);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription[Symbol.dispose]();
    await this.#sweep;
  }
}

/** Every `{uuid}/v{version}/{containerName}`, and the folders of generic sandboxes and of compilers. */
async function* exchangeDirectories(
  root: string,
): AsyncGenerator<{ path: string; name: string }> {
  for (const folder of [BOXES, BUILDS]) {
    for (const name of folders(`${root}/${folder}`)) {
      yield { path: `${root}/${folder}/${name}`, name };
    }
  }
  for (const id of folders(root)) {
    for (const version of folders(`${root}/${id}`)) {
      for (const name of folders(`${root}/${id}/${version}`)) {
        yield { path: `${root}/${id}/${version}/${name}`, name };
      }
    }
  }
}

function folders(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path))
      .filter(({ isFile, name }) => !isFile && !name.startsWith("."))
      .map(({ name }) => name);
  } catch {
    return []; // Removed meanwhile.
  }
}

async function isYoung(path: string): Promise<boolean> {
  try {
    const { mtime } = await Deno.lstat(path);
    return Date.now() - (mtime?.getTime() ?? 0) < YOUNG_MS;
  } catch {
    return true;
  }
}
