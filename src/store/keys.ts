/** API keys in a KV bucket, and in memory by digest: fed by a watch and by own writes. */
import type { KV, KvWatchEntry } from "@nats-io/kv";
import { AppError } from "../contracts/error.ts";
import { ApiKey, type KeyStore } from "../contracts/key.ts";
import { key, SENTINEL_KEY } from "../nats/subject.ts";
import { change, create } from "./bucket.ts";
import { watchWhole, type WholeWatch } from "./watch.ts";

/** Keys that are kept, ended ones among them. */
const MAX_KEYS = 10_000;
/** A key that ended is forgotten after this, in milliseconds. */
const KEPT_MS = 30 * 24 * 3_600_000;

export class KvKeys implements KeyStore, AsyncDisposable {
  readonly #kv: KV;
  readonly #byId = new Map<string, { key: ApiKey; revision: number }>();
  readonly #byDigest = new Map<string, ApiKey>();
  readonly #watch: Awaited<ReturnType<KV["watch"]>>;
  readonly #mark: number;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;

  private constructor(kv: KV, { watch, mark }: WholeWatch) {
    this.#kv = kv;
    this.#watch = watch;
    this.#mark = mark;
    this.#ended = this.#follow();
  }

  /** Resolves once all that is stored has been read. */
  static async open(kv: KV): Promise<KvKeys> {
    const keys = new KvKeys(kv, await watchWhole(kv));
    await keys.#ready.promise;
    return keys;
  }

  async #follow(): Promise<void> {
    for await (const entry of this.#watch) {
      this.#take(entry);
      if (entry.revision >= this.#mark) this.#ready.resolve();
    }
  }

  #take(entry: KvWatchEntry): void {
    if (entry.key === SENTINEL_KEY) return;
    const id = entry.key.slice(key.apiKey("").length);
    const read = entry.operation === "PUT"
      ? ApiKey.safeParse(parsed(entry))
      : undefined;
    // What cannot be read opens nothing.
    if (read?.success) this.#hold(read.data, entry.revision);
    else this.#drop(id);
  }

  #hold(record: ApiKey, revision: number): void {
    const held = this.#byId.get(record.id);
    if (held && held.revision >= revision) return;
    this.#byId.set(record.id, { key: record, revision });
    this.#byDigest.set(record.sha256, record);
  }

  #drop(id: string): void {
    const held = this.#byId.get(id);
    if (!held) return;
    this.#byId.delete(id);
    this.#byDigest.delete(held.key.sha256);
  }

  find(sha256: string): ApiKey | undefined {
    return this.#byDigest.get(sha256);
  }

  list(): ApiKey[] {
    return Array.from(this.#byId.values(), (held) => held.key)
      .sort((a, b) => a.createdAt < b.createdAt ? -1 : 1);
  }

  async add(record: ApiKey): Promise<void> {
    await this.#forgetEnded();
    if (this.#byId.size >= MAX_KEYS) {
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
    this.#hold(record, revision);
  }

  async revoke(id: string): Promise<ApiKey> {
    if (!this.#byId.has(id)) {
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
    this.#hold(value, revision);
    return value;
  }

  async #forgetEnded(): Promise<void> {
    const before = new Date(Date.now() - KEPT_MS).toISOString();
    for (const { id, revokedAt, expiresAt } of this.list()) {
      const ended = revokedAt ?? expiresAt;
      if (ended === undefined || ended > before) continue;
      await this.#kv.purge(key.apiKey(id));
      this.#drop(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.stop();
    await this.#ended;
  }
}

function parsed(entry: KvWatchEntry): unknown {
  try {
    return entry.json();
  } catch {
    return undefined;
  }
}
