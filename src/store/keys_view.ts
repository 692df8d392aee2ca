/** What the bucket of API keys holds, in memory: by id and by digest. */
import type { KvWatchEntry } from "@nats-io/kv";
import { ApiKey } from "../contracts/key.ts";
import { key } from "../nats/subject.ts";
import type { Stored } from "./bucket.ts";
import type { View } from "./watch.ts";

export class KeysView implements View {
  readonly #byId = new Map<string, Stored<ApiKey>>();
  readonly #byDigest = new Map<string, ApiKey>();

  get size(): number {
    return this.#byId.size;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  find(sha256: string): ApiKey | undefined {
    return this.#byDigest.get(sha256);
  }

  /** The oldest first. */
  list(): ApiKey[] {
    return Array.from(this.#byId.values(), ({ value }) => value)
      .sort((a, b) => a.createdAt < b.createdAt ? -1 : 1);
  }

  put(record: ApiKey, revision: number): void {
    const held = this.#byId.get(record.id);
    if (held && held.revision >= revision) return;
    this.#byId.set(record.id, { value: record, revision });
    this.#byDigest.set(record.sha256, record);
  }

  drop(id: string): void {
    const held = this.#byId.get(id);
    if (!held) return;
    this.#byId.delete(id);
    this.#byDigest.delete(held.value.sha256);
  }

  onPut(entry: KvWatchEntry): void {
    const read = ApiKey.safeParse(parsed(entry));
    // What cannot be read opens nothing.
    if (read.success) this.put(read.data, entry.revision);
    else this.onRemoved(entry);
  }

  onRemoved(entry: KvWatchEntry): void {
    this.drop(entry.key.slice(key.apiKey("").length));
  }
}

function parsed(entry: KvWatchEntry): unknown {
  try {
    return entry.json();
  } catch {
    return undefined;
  }
}
