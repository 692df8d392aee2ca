/** Sandboxes for versions: warm ones from the pool, new ones with a missing image built again. */
import type { VersionRecord } from "../../src/contracts/function.ts";
import type { Registry, RegistryChange } from "../../src/contracts/port.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { type Lease, Pool } from "../pool/pool.ts";
import { Sandbox, type SandboxTarget } from "../sandbox/sandbox.ts";
import { memoryFor, type RuntimeSettings } from "../settings.ts";

export interface SandboxesDeps {
  engine: ContainerEngine;
  registry: Registry;
  settings: RuntimeSettings;
  nextName(): string;
  /** Builds a missing image again. */
  restore(version: VersionRecord): Promise<void>;
}

export class Sandboxes implements AsyncDisposable {
  readonly #deps: SandboxesDeps;
  readonly #pool: Pool<Sandbox>;
  readonly #watch: Disposable;
  /** Versions that had a sandbox, by function. */
  readonly #versions = new Map<string, Set<number>>();

  constructor(deps: SandboxesDeps) {
    const { settings, registry } = deps;
    this.#deps = deps;
    this.#pool = new Pool({
      limit: settings.maxSandboxes,
      maxWaiting: settings.maxWaiting,
      idleMs: settings.idleMs,
    });
    this.#watch = registry.onChange((change) => this.#follow(change));
  }

  /** @throws {AppError} `busy`, and what a start throws */
  lease(version: VersionRecord, deadline: number): Promise<Lease<Sandbox>> {
    const known = this.#versions.get(version.functionId) ?? new Set();
    this.#versions.set(version.functionId, known.add(version.version));
    return this.#pool.lease(
      keyOf(version),
      () => this.#start(version, deadline),
      Math.min(deadline, Date.now() + this.#deps.settings.waitMs),
    );
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

  /** Sandboxes of versions that no longer serve are not kept. */
  #follow(change: RegistryChange): void {
    if (change.type === "version") return;
    const id = change.type === "removed" ? change.id : change.record.id;
    const current = change.type === "removed" ? null : change.record.current;
    for (const version of this.#versions.get(id) ?? []) {
      const key = keyOf({ functionId: id, version });
      if (version === current) this.#pool.reinstate(key);
      else this.#pool.retire(key);
    }
    if (change.type === "removed") this.#versions.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    await this.#pool[Symbol.asyncDispose]();
  }
}

function keyOf(
  { functionId, version }: Pick<VersionRecord, "functionId" | "version">,
): string {
  return `${functionId}.${version}`;
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
