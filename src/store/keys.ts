/** API keys in a KV bucket, looked up in a view that a watch and own writes feed. */
import type { KV } from "@nats-io/kv";
import { AppError } from "../contracts/error.ts";
import { ApiKey, type KeyStore } from "../contracts/key.ts";
import { key } from "../nats/subject.ts";
import { change, create } from "./bucket.ts";
import { KeysView } from "./keys_view.ts";
import { watchBucket } from "./watch.ts";

/** Keys that are kept, ended ones among them. */
const MAX_KEYS = 10_000;
/** A key that ended is forgotten after this, in milliseconds. */
const KEPT_MS = 30 * 24 * 3_600_000;

export class KvKeys implements KeyStore, AsyncDisposable {
  readonly #kv: KV;
  readonly #view: KeysView;
  readonly #watch: AsyncDisposable;

  private constructor(kv: KV, view: KeysView, watch: AsyncDisposable) {
    this.#kv = kv;
    this.#view = view;
    this.#watch = watch;
  }

  /** Resolves once all that is stored has been read. */
  static async open(kv: KV): Promise<KvKeys> {
    const view = new KeysView();
    const watch = await watchBucket(kv, view);
    await watch.ready;
    return new KvKeys(kv, view, watch);
  }

  find(sha256: string): ApiKey | undefined {
    return this.#view.find(sha256);
  }

  list(): ApiKey[] {
    return this.#view.list();
  }

  async add(record: ApiKey): Promise<void> {
    await this.#forgetEnded();
    if (this.#view.size >= MAX_KEYS) {
      throw new AppError("conflict", `Cannot make a key: ${MAX_KEYS} exist`, {
        hint: "Revoke keys that nobody needs; they go after 30 days",
      });
    }
    const revision = await create(this.#kv, key.apiKey(record.id), record);
    if (revision === undefined) {
      throw new AppError("conflict", "Cannot make a key: its id is in use", {
        hint: "Try again",
      });
    }
    this.#view.put(record, revision);
  }

  async revoke(id: string): Promise<ApiKey> {
    if (!this.#view.has(id)) {
      throw new AppError("not_found", `Cannot find the key "${id}"`, {
        hint: "List them: ./oche keys list (GET /api/keys)",
      });
    }
    const { value, revision } = await change(
      this.#kv,
      ApiKey,
      key.apiKey(id),
      (found) => ({
        ...found,
        revokedAt: found.revokedAt ?? new Date().toISOString(),
      }),
    );
    this.#view.put(value, revision);
    return value;
  }

  async #forgetEnded(): Promise<void> {
    const before = new Date(Date.now() - KEPT_MS).toISOString();
    for (const { id, revokedAt, expiresAt } of this.list()) {
      const ended = revokedAt ?? expiresAt;
      if (ended === undefined || ended > before) continue;
      await this.#kv.purge(key.apiKey(id));
      this.#view.drop(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}
