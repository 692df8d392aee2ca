/** What the functions bucket holds, in memory: fed by a watch and by own writes. */
import type { KV, KvWatchEntry } from "@nats-io/kv";
import {
  FunctionRecord,
  isFunctionId,
  VersionRecord,
} from "../contracts/function.ts";
import { parseJson } from "../contracts/parse.ts";
import type { RegistryChange } from "../contracts/port.ts";
import { SENTINEL_KEY } from "../nats/subject.ts";
import { watchWhole, type WholeWatch } from "./watch.ts";

interface Held<Value> {
  value: Value;
  revision: number;
}

export class RegistryView implements AsyncDisposable {
  readonly #functions = new Map<string, Held<FunctionRecord>>();
  readonly #ids = new Map<string, string>();
  readonly #versions = new Map<string, Map<number, Held<VersionRecord>>>();
  readonly #listeners = new Set<(change: RegistryChange) => void>();
  readonly #watch: Awaited<ReturnType<KV["watch"]>>;
  readonly #mark: number;
  readonly #ended: Promise<void>;
  readonly #ready = Promise.withResolvers<void>();

  private constructor({ watch, mark }: WholeWatch) {
    this.#watch = watch;
    this.#mark = mark;
    this.#ended = this.#follow();
  }

  /** Knows nothing yet; `ready` says when it knows all. */
  static async open(kv: KV): Promise<RegistryView> {
    return new RegistryView(await watchWhole(kv));
  }

  /** Resolves once all that was stored has been read, or no more will be. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  async #follow(): Promise<void> {
    try {
      for await (const entry of this.#watch) {
        this.#take(entry);
        if (entry.revision >= this.#mark) this.#ready.resolve();
      }
    } finally {
      this.#ready.resolve();
    }
  }

  #take(entry: KvWatchEntry): void {
    if (entry.key === SENTINEL_KEY) return;
    const [kind, id = "", number = ""] = entry.key.split(".");
    const gone = entry.operation !== "PUT";
    if (kind === "fn") {
      if (gone) this.dropFunction(id);
      else {
        this.putFunction(
          parseJson(FunctionRecord, entry.string(), entry.key),
          entry.revision,
        );
      }
    } else if (kind === "ver") {
      if (gone) this.dropVersion(id, Number(number));
      else {
        this.putVersion(
          parseJson(VersionRecord, entry.string(), entry.key),
          entry.revision,
        );
      }
    }
  }

  find(ref: string): FunctionRecord | undefined {
    const id = isFunctionId(ref) ? ref : this.#ids.get(ref);
    return id === undefined ? undefined : this.#functions.get(id)?.value;
  }

  list(): FunctionRecord[] {
    return Array.from(this.#functions.values(), ({ value }) => value)
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  version(id: string, version: number): VersionRecord | undefined {
    return this.#versions.get(id)?.get(version)?.value;
  }

  versions(id: string): VersionRecord[] {
    return Array.from(this.#versions.get(id)?.values() ?? [], (h) => h.value)
      .sort((a, b) => a.version - b.version);
  }

  putFunction(record: FunctionRecord, revision: number): void {
    const held = this.#functions.get(record.id);
    if (held && held.revision >= revision) return;
    this.#functions.set(record.id, { value: record, revision });
    this.#ids.set(record.name, record.id);
    this.#tell({ type: "function", record });
  }

  putVersion(record: VersionRecord, revision: number): void {
    const versions = this.#versions.get(record.functionId) ?? new Map();
    this.#versions.set(record.functionId, versions);
    const held = versions.get(record.version);
    if (held && held.revision >= revision) return;
    versions.set(record.version, { value: record, revision });
    this.#tell({ type: "version", record });
  }

  dropVersion(id: string, version: number): void {
    this.#versions.get(id)?.delete(version);
  }

  dropFunction(id: string): void {
    const held = this.#functions.get(id);
    if (!held) return;
    this.#functions.delete(id);
    this.#versions.delete(id);
    if (this.#ids.get(held.value.name) === id) {
      this.#ids.delete(held.value.name);
    }
    this.#tell({ type: "removed", id });
  }

  onChange(callback: (change: RegistryChange) => void): Disposable {
    this.#listeners.add(callback);
    return { [Symbol.dispose]: () => this.#listeners.delete(callback) };
  }

  #tell(change: RegistryChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.stop();
    await this.#ended;
  }
}
