/** Sandboxes for versions: kept by the pool as their function's settings say. */
import type {
  FunctionRecord,
  FunctionSettings,
  VersionRecord,
} from "../../src/contracts/function.ts";
import type { Registry, RegistryChange } from "../../src/contracts/port.ts";
import { Pool } from "../pool/pool.ts";
import type { Lease, Policy } from "../pool/worker.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { memoryOf } from "../sandbox/target.ts";
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
  /** Versions that had a sandbox, by function. */
  readonly #versions = new Map<string, Set<number>>();

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
      this.#remember(version),
      this.#policyOf(record.settings, version),
      Math.min(deadline, Date.now() + this.#deps.settings.waitMs),
    );
  }

  /** Keeps a sandbox of a version for its first call. */
  adopt(
    record: FunctionRecord,
    version: VersionRecord,
    sandbox: Sandbox,
  ): void {
    this.#pool.adopt(
      this.#remember(version),
      this.#policyOf(record.settings, version),
      sandbox,
    );
  }

  #remember({ functionId, version }: VersionRecord): string {
    let known = this.#versions.get(functionId);
    if (!known) this.#versions.set(functionId, known = new Set());
    known.add(version);
    return `${functionId}.${version}`;
  }

  #policyOf(
    { isolation, minWarm, maxConcurrency, idleMs }: FunctionSettings,
    version: VersionRecord,
  ): Policy<Sandbox> {
    const { settings, starter } = this.#deps;
    return {
      start: (isAhead) => starter.start(version, isAhead),
      weight: memoryOf(version, settings),
      maxWorkers: maxConcurrency ?? settings.maxSandboxes,
      minWarm: minWarm ?? 0,
      isReused: (isolation ?? settings.isolation) === "reuse",
      idleMs: idleMs ?? settings.idleMs,
    };
  }

  /** Sandboxes of versions that no longer serve are not kept. */
  #follow(change: RegistryChange): void {
    if (change.type === "version") return;
    const id = change.type === "removed" ? change.id : change.record.id;
    const current = change.type === "removed" ? null : change.record.current;
    for (const version of this.#versions.get(id) ?? []) {
      if (version !== current) this.#pool.retire(`${id}.${version}`);
    }
    if (change.type === "removed") this.#versions.delete(id);
    else void this.#configure(change.record);
  }

  async #configure(record: FunctionRecord): Promise<void> {
    const { id, current, settings } = record;
    if (current === null) return;
    const isKnown = this.#versions.get(id)?.has(current) ?? false;
    if (!isKnown && (settings.minWarm ?? 0) === 0) return;
    const version = await this.#deps.registry.version(id, current);
    if (version?.status !== "ready") return;
    this.#pool.configure(
      this.#remember(version),
      this.#policyOf(settings, version),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    await this.#pool[Symbol.asyncDispose]();
  }
}
