/** The triggers, on a KV bucket with a watched view; a trigger's key is its name. */
import type { KV } from "@nats-io/kv";
import { AppError } from "../contracts/error.ts";
import {
  TriggerRecord,
  type Triggers,
  type TriggersChange,
} from "../contracts/trigger.ts";
import { key } from "../nats/subject.ts";
import { change, create, read } from "./bucket.ts";
import { TriggersView } from "./triggers_view.ts";
import { watchBucket } from "./watch.ts";

export class KvTriggers implements Triggers, AsyncDisposable {
  readonly #kv: KV;
  readonly #view: TriggersView;
  readonly #watch: AsyncDisposable;

  private constructor(kv: KV, view: TriggersView, watch: AsyncDisposable) {
    this.#kv = kv;
    this.#view = view;
    this.#watch = watch;
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
    const view = new TriggersView(onUnreadable);
    const watch = await watchBucket(kv, view);
    await watch.ready;
    return new KvTriggers(kv, view, watch);
  }

  async find(ref: string): Promise<TriggerRecord | undefined> {
    const name = this.#view.nameOf(ref);
    if (name === undefined) return undefined;
    return this.#view.find(name) ??
      (await read(this.#kv, TriggerRecord, key.trigger(name)))?.value;
  }

  list(): Promise<TriggerRecord[]> {
    return Promise.resolve(this.#view.list());
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
    this.#view.put(record, revision);
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
    this.#view.put(value, revision);
    return value;
  }

  async remove(ref: string): Promise<void> {
    const found = await this.find(ref);
    if (!found) return;
    await this.#kv.purge(key.trigger(found.name));
    this.#view.drop(found.name);
  }

  onChange(callback: (change: TriggersChange) => void): Disposable {
    return this.#view.onChange(callback);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}
