/** What the functions bucket holds, in memory: fed by a watch and by own writes. */
import type { KvWatchEntry } from "@nats-io/kv";
import {
  FunctionRecord,
  isFunctionId,
  VersionRecord,
} from "../contracts/function.ts";
import { parseJson } from "../contracts/parse.ts";
import type { RegistryChange } from "../contracts/port.ts";
import type { Stored } from "./bucket.ts";
import type { View } from "./watch.ts";

export class RegistryView implements View {
  readonly #functions = new Map<string, Stored<FunctionRecord>>();
  readonly #ids = new Map<string, string>();
  readonly #versions = new Map<string, Map<number, Stored<VersionRecord>>>();
  readonly #listeners = new Set<(change: RegistryChange) => void>();
  readonly #unreadable = new Set<string>();
  readonly #onUnreadable: (error: unknown) => void;

  constructor(onUnreadable: (error: unknown) => void) {
    this.#onUnreadable = onUnreadable;
  }

  find(ref: string): FunctionRecord | undefined {
    const id = isFunctionId(ref) ? ref : this.#ids.get(ref);
    return id === undefined ? undefined : this.#functions.get(id)?.value;
  }

  list(): FunctionRecord[] {
    return Array.from(this.#functions.values(), ({ value }) => value)
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  unreadable(): string[] {
    return Array.from(this.#unreadable);
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

  onPut(entry: KvWatchEntry): void {
    try {
      this.#take(entry);
      this.#unreadable.delete(entry.key);
    } catch (error) {
      this.#unreadable.add(entry.key);
      this.#onUnreadable(error);
    }
  }

  /** @throws {AppError} `invalid` when it is not of the schema */
  #take(entry: KvWatchEntry): void {
    const { key, revision } = entry;
    const [kind] = key.split(".");
    if (kind === "fn") {
      const record = parseJson(FunctionRecord, entry.string(), key);
      this.putFunction(record, revision);
    } else if (kind === "ver") {
      const record = parseJson(VersionRecord, entry.string(), key);
      this.putVersion(record, revision);
    }
  }

  onRemoved({ key }: KvWatchEntry): void {
    this.#unreadable.delete(key);
    const [kind, id = "", number = ""] = key.split(".");
    if (kind === "fn") this.dropFunction(id);
    else if (kind === "ver") this.dropVersion(id, Number(number));
  }

  #tell(change: RegistryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
