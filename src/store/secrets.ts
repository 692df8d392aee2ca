/** Secrets in a KV bucket, sealed; opened in memory, and kept fresh by a watch. */
import type { KV, KvWatchEntry } from "@nats-io/kv";
import type { Sealer } from "../contracts/sealer.ts";
import type { SecretStore } from "../contracts/signature.ts";
import { BUCKET } from "../nats/subject.ts";
import { type View, watchBucket } from "./watch.ts";

interface Held {
  revision: number;
  sealed: Uint8Array;
  /** Once it was asked for. */
  opened?: Promise<string>;
}

export class KvSecrets implements SecretStore, AsyncDisposable {
  readonly #kv: KV;
  readonly #sealer: Sealer;
  readonly #view: SecretsView;
  readonly #watch: AsyncDisposable;

  private constructor(
    kv: KV,
    sealer: Sealer,
    view: SecretsView,
    watch: AsyncDisposable,
  ) {
    this.#kv = kv;
    this.#sealer = sealer;
    this.#view = view;
    this.#watch = watch;
  }

  /** Resolves once all that is stored has been read. */
  static async open(kv: KV, sealer: Sealer): Promise<KvSecrets> {
    const view = new SecretsView();
    const watch = await watchBucket(kv, view);
    await watch.ready;
    return new KvSecrets(kv, sealer, view, watch);
  }

  async get(name: string): Promise<string | undefined> {
    const held = this.#view.get(name);
    if (!held) return undefined;
    return await (held.opened ??= this.#open(name, held.sealed));
  }

  async #open(name: string, sealed: Uint8Array): Promise<string> {
    const plain = await this.#sealer.open(sealed, place(name));
    return new TextDecoder().decode(plain);
  }

  async put(name: string, secret: string): Promise<void> {
    const plain = new TextEncoder().encode(secret);
    const sealed = await this.#sealer.seal(plain, place(name));
    this.#view.put(name, sealed, await this.#kv.put(name, sealed));
  }

  async remove(name: string): Promise<void> {
    await this.#kv.purge(name);
    this.#view.drop(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}

class SecretsView implements View {
  readonly #held = new Map<string, Held>();

  get(name: string): Held | undefined {
    return this.#held.get(name);
  }

  put(name: string, sealed: Uint8Array, revision: number): void {
    const held = this.#held.get(name);
    if (held && held.revision >= revision) return;
    this.#held.set(name, { sealed, revision });
  }

  drop(name: string): void {
    this.#held.delete(name);
  }

  onPut({ key, value, revision }: KvWatchEntry): void {
    this.put(key, value, revision);
  }

  onRemoved({ key }: KvWatchEntry): void {
    this.drop(key);
  }
}

/** What binds a sealed secret to its name. */
function place(name: string): string {
  return `${BUCKET.secrets}/${name}`;
}
