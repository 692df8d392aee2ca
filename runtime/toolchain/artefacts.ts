/** Compiled artefacts by content: kept in the Object Store, the last used ones in memory. */
import { AppError } from "../../src/contracts/error.ts";
import type { ObjectStore } from "../../src/contracts/port.ts";

const MAX_BYTES = 64 * 1024 * 1024;

export class Artefacts {
  readonly #store: ObjectStore;
  /** Least recently used first. */
  readonly #held = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async put(content: string, bytes: Uint8Array): Promise<void> {
    await this.#store.put(content, bytes);
    this.#hold(content, bytes);
  }

  async get(content: string): Promise<Uint8Array | undefined> {
    const held = this.#held.get(content);
    if (held) {
      this.#drop(content);
      this.#hold(content, held);
      return held;
    }
    try {
      const bytes = await this.#store.get(content);
      this.#hold(content, bytes);
      return bytes;
    } catch (error) {
      if (AppError.from(error).code === "not_found") return undefined;
      throw error;
    }
  }

  async remove(content: string): Promise<void> {
    this.#drop(content);
    await this.#store.remove(content);
  }

  #hold(content: string, bytes: Uint8Array): void {
    this.#drop(content);
    this.#held.set(content, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= MAX_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(content: string): void {
    this.#bytes -= this.#held.get(content)?.length ?? 0;
    this.#held.delete(content);
  }
}
