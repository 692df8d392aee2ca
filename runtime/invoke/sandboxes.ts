/** Sandboxes for versions: kept by the pool as their function's settings say. */
import type {
  FunctionRecord,
  FunctionSettings,
  VersionRecord,
} from "../../src/contracts/function.ts";
import type { Registry, RegistryChange } from "../../src/contracts/port.ts";
import { Pool } from "../pool/pool.ts";
import type { Lease, Policy } from "../pool/worker.ts";
import { memoryOf } from "../sandbox/memory.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { RuntimeSettings } from "../settings.ts";
import type { SandboxStarter } from "./sandbox_starter.ts";

export interface SandboxesDeps {
  registry: Registry;
  settings: RuntimeSettings;
  starter: SandboxStarter;
}

export class Sandboxes implements AsyncDisposable {
  readonly #deps: SandboxesDeps;
  readonly #pool: Pool<Sandbox>;
  readonly #watch: Disposable;
  /** Keys that had a sandbox, by function. */
  readonly #keys = new Map<string, Set<string>>();

  constructor(deps: SandboxesDeps) {
    const { settings, registry } = deps;
    this.#deps = deps;
    this.#pool = new Pool({
      limit: settings.maxSandboxes,
      budget: settings.memoryBudgetMb,
      maxWaiting: settings.maxWaiting,
      maxStarts: settings.maxStarts,
      growMs: settings.growMs,
      freezeMs: settings.freezeMs,
    });
    this.#watch = registry.onChange((change) => this.#follow(change));
  }

  /** Starts what settings want ahead. */
  async warmUp(): Promise<void> {
    for (const record of await this.#deps.registry.list()) {
      await this.#configure(record);
    }
  }

  /** @throws {AppError} `busy`, and what a start throws */
  lease(
    record: FunctionRecord,
    version: VersionRecord,
    deadline: number,
  ): Promise<Lease<Sandbox>> {
    return this.#pool.lease(
      this.#remember(record, version.version),
      this.#policyOf(record.settings, version),
      Math.min(deadline, Date.now() + this.#deps.settings.waitMs),
    );
  }

  /**
   * Keeps a sandbox of a version, without a network, for its first call.
   *
   * @returns false when there is no room for it: it is the caller's still
   */
  adopt(
    record: FunctionRecord,
    version: VersionRecord,
    sandbox: Sandbox,
  ): boolean {
    if (record.settings.network !== undefined) return false;
    return this.#pool.adopt(
      this.#remember(record, version.version),
      this.#policyOf(record.settings, version),
      sandbox,
    );
  }

  #remember(record: FunctionRecord, version: number): string {
    let known = this.#keys.get(record.id);
    if (!known) this.#keys.set(record.id, known = new Set());
    const key = keyOf(record, version);
    known.add(key);
    return key;
  }

  #policyOf(
    { isolation, minWarm, maxConcurrency, idleMs, network }: FunctionSettings,
    version: VersionRecord,
  ): Policy<Sandbox> {
    const { settings, starter } = this.#deps;
    return {
      start: (isAhead) => starter.start(version, isAhead, network),
      weight: memoryOf(version, settings),
      maxWorkers: maxConcurrency ?? settings.maxSandboxes,
      minWarm: minWarm ?? 0,
      isReused: (isolation ?? settings.isolation) === "reuse",
      idleMs: idleMs ?? settings.idleMs,
    };
  }

  /** Sandboxes of versions and networks that no longer serve are not kept. */
  #follow(change: RegistryChange): void {
    if (change.type === "version") return;
    const id = change.type === "removed" ? change.id : change.record.id;
    const current = change.type !== "removed" &&
      keyOf(change.record, change.record.current);
    for (const key of this.#keys.get(id) ?? []) {
      if (key !== current) this.#pool.retire(key);
    }
    if (change.type === "removed") this.#keys.delete(id);
    else void this.#configure(change.record);
  }

  async #configure(record: FunctionRecord): Promise<void> {
    const { id, current, settings } = record;
    if (current === null) return;
    const isKnown = this.#keys.get(id)?.has(keyOf(record, current)) ?? false;
    if (!isKnown && (settings.minWarm ?? 0) === 0) return;
    const version = await this.#deps.registry.version(id, current);
    if (version?.status !== "ready") return;
    this.#pool.configure(
      this.#remember(record, current),
      this.#policyOf(settings, version),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    await this.#pool[Symbol.asyncDispose]();
  }
}

/** A sandbox's network is fixed when it is made. */
function keyOf(
  { id, settings }: FunctionRecord,
  version: number | null,
): string {
  return `${id}.${version}.${settings.network ?? ""}`;
}
