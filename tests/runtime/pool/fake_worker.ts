/** A worker in memory, whose life the test decides. */
import type { PoolWorker } from "../../../runtime/pool/worker.ts";

export class FakeWorker implements PoolWorker {
  readonly #closed = Promise.withResolvers<void>();
  readonly startKind = "cold";
  readonly key: string;
  isIdle = true;
  isFrozen = false;
  /** What its end waits for. */
  ending: Promise<void> | undefined;
  readonly #frozen = Promise.withResolvers<void>();
  /** Resolves at the first freeze. */
  readonly frozen = this.#frozen.promise;
  readonly closed = this.#closed.promise;

  constructor(key: string) {
    this.key = key;
  }

  close(): Promise<void> {
    this.isIdle = false;
    if (this.ending) void this.ending.then(this.#closed.resolve);
    else this.#closed.resolve();
    return this.closed;
  }

  freeze(): Promise<void> {
    this.isFrozen = true;
    this.#frozen.resolve();
    return Promise.resolve();
  }

  thaw(): Promise<void> {
    this.isFrozen = false;
    return Promise.resolve();
  }
}
