/** Secrets in a KV bucket, sealed; opened in memory, and kept fresh by a watch. */
import type { KV, KvWatchEntry } from "@nats-io/kv";
import type { Sealer } from "../contracts/sealer.ts";
import type { SecretStore } from "../contracts/signature.ts";
import { BUCKET, SENTINEL_KEY } from "../nats/subject.ts";
import { watchWhole, type WholeWatch } from "./watch.ts";

interface Held {
  revision: number;
  sealed: Uint8Array;
  /** Once it was asked for. */
  opened?: Promise<string>;
}

export class KvSecrets implements SecretStore, AsyncDisposable {
  readonly #kv: KV;
  readonly #sealer: Sealer;
  readonly #held = new Map<string, Held>();
  readonly #watch: Awaited<ReturnType<KV["watch"]>>;
  readonly #mark: number;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;

  private constructor(
    kv: KV,
    sealer: Sealer,
    { watch, mark }: WholeWatch,
  ) {
    this.#kv = kv;
    this.#sealer = sealer;
    this.#watch = watch;
    this.#mark = mark;
    this.#ended = this.#follow();
  }

  /** Resolves once all that is stored has been read. */
  static async open(kv: KV, sealer: Sealer): Promise<KvSecrets> {
    const secrets = new KvSecrets(kv, sealer, await watchWhole(kv));
    await secrets.#ready.promise;
    return secrets;
  }

  async #follow(): Promise<void> {
    for await (const entry of this.#watch) {
      this.#take(entry);
      if (entry.revision >= this.#mark) this.#ready.resolve();
    }
  }

  #take({ key, operation, value, revision }: KvWatchEntry): void {
    if (key === SENTINEL_KEY) return;
    if (operation === "PUT") this.#hold(key, value, revision);
    else this.#held.delete(key);
  }

  #hold(name: string, sealed: Uint8Array, revision: number): void {
    const held = this.#held.get(name);
    if (held && held.revision >= revision) return;
    this.#held.set(name, { sealed, revision });
  }

  async get(name: string): Promise<string | undefined> {
    const held = this.#held.get(name);
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
    this.#hold(name, sealed, await this.#kv.put(name, sealed));
  }

  async remove(name: string): Promise<void> {
    await this.#kv.purge(name);
    this.#held.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.stop();
    await this.#ended;
  }
}

/** What binds a sealed secret to its name. */
function place(name: string): string {
  return `${BUCKET.secrets}/${name}`;
}
