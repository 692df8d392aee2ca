/** What the triggers bucket holds, in memory; tells listeners of each change. */
import type { KvWatchEntry } from "@nats-io/kv";
import { isFunctionId } from "../contracts/function.ts";
import { parseJson } from "../contracts/parse.ts";
import { TriggerRecord, type TriggersChange } from "../contracts/trigger.ts";
import type { Stored } from "./bucket.ts";
import type { View } from "./watch.ts";

export class TriggersView implements View {
  readonly #onUnreadable: (error: unknown) => void;
  readonly #byName = new Map<string, Stored<TriggerRecord>>();
  readonly #names = new Map<string, string>();
  readonly #listeners = new Set<(change: TriggersChange) => void>();

  /** @param onUnreadable Told of a record that is not of the schema, and left out. */
  constructor(onUnreadable: (error: unknown) => void) {
    this.#onUnreadable = onUnreadable;
  }

  /** @param ref A name, which need not be known here, or the id of one that is. */
  nameOf(ref: string): string | undefined {
    return isFunctionId(ref) ? this.#names.get(ref) : ref;
  }

  find(name: string): TriggerRecord | undefined {
    return this.#byName.get(name)?.value;
  }

  /** By name. */
  list(): TriggerRecord[] {
    return Array.from(this.#byName.values(), ({ value }) => value)
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  put(record: TriggerRecord, revision: number): void {
    const held = this.#byName.get(record.name);
    if (held && held.revision >= revision) return;
    if (held && held.value.id !== record.id) this.drop(record.name);
    this.#byName.set(record.name, { value: record, revision });
    this.#names.set(record.id, record.name);
    this.#tell({ type: "put", record });
  }

  /** @param revision Of the removal: what was written later stays. */
  drop(name: string, revision = Infinity): void {
    const held = this.#byName.get(name);
    if (!held || held.revision > revision) return;
    this.#byName.delete(name);
    this.#names.delete(held.value.id);
    this.#tell({ type: "removed", record: held.value });
  }

  onPut(entry: KvWatchEntry): void {
    try {
      const record = parseJson(TriggerRecord, entry.string(), entry.key);
      this.put(record, entry.revision);
    } catch (error) {
      this.#onUnreadable(error);
    }
  }

  onRemoved({ key, revision }: KvWatchEntry): void {
    const [, name = ""] = key.split(".");
    this.drop(name, revision);
  }

  onChange(callback: (change: TriggersChange) => void): Disposable {
    this.#listeners.add(callback);
    return { [Symbol.dispose]: () => this.#listeners.delete(callback) };
  }

  #tell(change: TriggersChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
