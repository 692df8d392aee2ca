/** The triggers, on a KV bucket with a watched view; a trigger's key is its name. */
import type { KV, KvWatchEntry } from "@nats-io/kv";
import { AppError } from "../contracts/error.ts";
import { isFunctionId } from "../contracts/function.ts";
import { parseJson } from "../contracts/parse.ts";
import {
  TriggerRecord,
  type Triggers,
  type TriggersChange,
} from "../contracts/trigger.ts";
import { key, SENTINEL_KEY } from "../nats/subject.ts";
import { change, create, read, type Stored } from "./bucket.ts";
import { watchWhole, type WholeWatch } from "./watch.ts";

type Watch = Awaited<ReturnType<KV["watch"]>>;

export class KvTriggers implements Triggers, AsyncDisposable {
  readonly #kv: KV;
  readonly #watch: Watch;
  readonly #mark: number;
  readonly #onUnreadable: (error: unknown) => void;
  readonly #byName = new Map<string, Stored<TriggerRecord>>();
  readonly #names = new Map<string, string>();
  readonly #listeners = new Set<(change: TriggersChange) => void>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;

  private constructor(
    kv: KV,
    { watch, mark }: WholeWatch,
    onUnreadable: (error: unknown) => void,
  ) {
    this.#kv = kv;
    this.#watch = watch;
    this.#mark = mark;
    this.#onUnreadable = onUnreadable;
    this.#ended = this.#follow();
  }

  /**
   * Resolves once all that is stored has been read.
   *
   * @param onUnreadable Told of each record that is not of the schema; such a
   * record is left out, and does not keep the others from being read.
   */
  static async open(
    kv: KV,
    onUnreadable: (error: unknown) => void,
  ): Promise<KvTriggers> {
    const triggers = new KvTriggers(
      kv,
      await watchWhole(kv),
      onUnreadable,
    );
    await triggers.#ready.promise;
    return triggers;
  }

  async find(ref: string): Promise<TriggerRecord | undefined> {
    const name = isFunctionId(ref) ? this.#names.get(ref) : ref;
    if (name === undefined) return undefined;
    const known = this.#byName.get(name)?.value;
    if (known) return known;
    return (await read(this.#kv, TriggerRecord, key.trigger(name)))?.value;
  }

  list(): Promise<TriggerRecord[]> {
    return Promise.resolve(
      Array.from(this.#byName.values(), ({ value }) => value)
        .sort((a, b) => a.name < b.name ? -1 : 1),
    );
  }

  async create(record: TriggerRecord): Promise<void> {
    const revision = await create(this.#kv, key.trigger(record.name), record);
    if (revision === undefined) {
      throw new AppError(
        "conflict",
        `Cannot create trigger "${record.name}": the name is taken`,
        {
          hint:
            "Take another: names of triggers are unique in the installation",
        },
      );
    }
    this.#put(record, revision);
  }

  async update(
    ref: string,
    edit: (record: TriggerRecord) => TriggerRecord,
  ): Promise<TriggerRecord> {
    const found = await this.find(ref);
    if (!found) {
      throw new AppError(
        "not_found",
        `Cannot change trigger "${ref}": it is gone`,
      );
    }
    const { value, revision } = await change(
      this.#kv,
      TriggerRecord,
      key.trigger(found.name),
      (record) => ({ ...edit(record), updatedAt: new Date().toISOString() }),
    );
    this.#put(value, revision);
    return value;
  }

  async remove(ref: string): Promise<void> {
    const found = await this.find(ref);
    if (!found) return;
    await this.#kv.purge(key.trigger(found.name));
    this.#drop(found.name);
  }

  onChange(callback: (change: TriggersChange) => void): Disposable {
    this.#listeners.add(callback);
    return { [Symbol.dispose]: () => this.#listeners.delete(callback) };
  }

  async #follow(): Promise<void> {
    for await (const entry of this.#watch) {
      this.#take(entry);
      if (entry.revision >= this.#mark) this.#ready.resolve();
    }
  }

  #take(entry: KvWatchEntry): void {
    if (entry.key === SENTINEL_KEY) return;
    const [, name = ""] = entry.key.split(".");
    if (entry.operation !== "PUT") {
      this.#drop(name, entry.revision);
      return;
    }
    try {
      const record = parseJson(TriggerRecord, entry.string(), entry.key);
      this.#put(record, entry.revision);
    } catch (error) {
      this.#onUnreadable(error);
    }
  }

  #put(record: TriggerRecord, revision: number): void {
    const held = this.#byName.get(record.name);
    if (held && held.revision >= revision) return;
    if (held && held.value.id !== record.id) this.#drop(record.name);
    this.#byName.set(record.name, { value: record, revision });
    this.#names.set(record.id, record.name);
    this.#tell({ type: "put", record });
  }

  /** @param revision Of the removal: what was written later stays. */
  #drop(name: string, revision = Infinity): void {
    const held = this.#byName.get(name);
    if (!held || held.revision > revision) return;
    this.#byName.delete(name);
    this.#names.delete(held.value.id);
    this.#tell({ type: "removed", record: held.value });
  }

  #tell(change: TriggersChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.stop();
    await this.#ended;
  }
}
