/** Sandboxes without a function, kept ready: taken one by one, made again behind the calls. */
import type { Logger } from "../../src/log.ts";
import { loaderMemory } from "../sandbox/memory.ts";
import type { SandboxSource } from "../sandbox/sandbox.ts";
import type { Loader } from "../toolchain/toolchain.ts";
import { GenericSandbox } from "./generic_sandbox.ts";

/** The call that took one has the machine first, in milliseconds. */
const REFILL_MS = 100;
const RETRY_MS = 5_000;

export interface GenericStockDeps extends Omit<SandboxSource, "containerName"> {
  /** Absent where the toolchain has none: the stock stays empty. */
  loader: Loader | undefined;
  log: Logger;
  nextName(): string;
}

export class GenericStock implements AsyncDisposable {
  readonly #deps: GenericStockDeps;
  readonly #ready: GenericSandbox[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #filling: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(deps: GenericStockDeps) {
    this.#deps = deps;
    this.#refillAfter(0);
  }

  /** One that has at least so much memory, if there is one. */
  take(memoryMb: number): GenericSandbox | undefined {
    const at = this.#ready.findIndex((each) =>
      each.isAlive && each.memoryMb >= memoryMb
    );
    const [taken] = at < 0 ? [] : this.#ready.splice(at, 1);
    if (taken) this.#refillAfter(REFILL_MS);
    return taken;
  }

  /** Sandboxes that wait. */
  get size(): number {
    return this.#ready.length;
  }

  #refillAfter(ms: number): void {
    if (this.#closing.signal.aborted || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#filling = this.#filling.then(() => this.#fill());
    }, ms);
  }

  async #fill(): Promise<void> {
    const { loader, settings, log } = this.#deps;
    if (!loader) return;
    try {
      while (
        !this.#closing.signal.aborted && this.#ready.length < settings.prewarmed
      ) {
        await this.#startOne(loader);
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      log.warn("Cannot start a sandbox ahead", { error });
      this.#refillAfter(RETRY_MS);
    }
  }

  async #startOne(loader: Loader): Promise<void> {
    const { settings, nextName } = this.#deps;
    const { image, bytes } = await loader.prepare();
    const generic = await GenericSandbox.start(
      { ...this.#deps, containerName: nextName() },
      { image, memoryMb: loaderMemory(bytes, settings.memoryMb) },
      Date.now() + settings.startMs,
      this.#closing.signal,
    );
    this.#ready.push(generic);
    generic.onDeath(() => this.#forget(generic));
  }

  #forget(generic: GenericSandbox): void {
    const at = this.#ready.indexOf(generic);
    if (at < 0) return;
    this.#ready.splice(at, 1);
    void generic.close().catch(() => {});
    this.#refillAfter(RETRY_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#filling;
    await Promise.allSettled(
      this.#ready.splice(0).map((generic) => generic.close()),
    );
  }
}
