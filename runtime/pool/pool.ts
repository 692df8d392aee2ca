/** Warm sandboxes by version: lease one, and leaving the block gives it back. */
import { AppError } from "../../src/contracts/error.ts";

export interface PoolWorker {
  /** Whether it can be called. */
  readonly isIdle: boolean;
  /** Resolves when it is gone, for whatever reason. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Workers of all keys together, starting and closing ones included. */
  limit: number;
  /** Callers that may wait. */
  maxWaiting: number;
  /** An idle worker is closed after this, in milliseconds; 0 keeps none. */
  idleMs: number;
}

export interface Lease<Worker> extends Disposable {
  worker: Worker;
  /** Whether it was there already. */
  isWarm: boolean;
}

interface Waiter<Worker> {
  key: string;
  /** Gives a worker, or without one the right to start one. */
  give(worker: Worker | undefined): void;
  refuse(error: AppError): void;
}

interface Idle<Worker> {
  key: string;
  worker: Worker;
  timer: ReturnType<typeof setTimeout>;
}

export class Pool<Worker extends PoolWorker> implements AsyncDisposable {
  readonly #options: PoolOptions;
  /** Oldest first. */
  readonly #idle: Idle<Worker>[] = [];
  readonly #workers = new Set<Worker>();
  /** First come, first served. */
  readonly #waiting: Waiter<Worker>[] = [];
  readonly #retired = new Set<string>();
  #slots = 0;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Workers that live, and calls that wait. */
  get size(): { workers: number; idle: number; waiting: number } {
    return {
      workers: this.#slots,
      idle: this.#idle.length,
      waiting: this.#waiting.length,
    };
  }

  /**
   * A worker of the key: an idle one, else one that `start` makes, else
   * whichever comes free first.
   *
   * @param deadline Absolute, in milliseconds since 1970.
   * @throws {AppError} `busy` when the queue is full or the deadline comes
   * first, `unavailable` when the pool closes; and what `start` throws
   */
  async lease(
    key: string,
    start: () => Promise<Worker>,
    deadline: number,
  ): Promise<Lease<Worker>> {
    if (this.#isClosed) throw closing();
    const idle = this.#takeIdle(key);
    if (idle) return this.#lend(key, idle, true);
    if (this.#slots < this.#options.limit) this.#slots++;
    else {
      const given = await this.#wait(key, deadline);
      if (given) return this.#lend(key, given, true);
    }
    return this.#lend(key, await this.#start(start), false);
  }

  /** With a slot in hand, which a failed start gives back. */
  async #start(start: () => Promise<Worker>): Promise<Worker> {
    let worker: Worker;
    try {
      worker = await start();
    } catch (error) {
      this.#freeSlot();
      throw error;
    }
    this.#workers.add(worker);
    void worker.closed.then(() => this.#forget(worker));
    return worker;
  }

  #lend(key: string, worker: Worker, isWarm: boolean): Lease<Worker> {
    let isHeld = true;
    return {
      worker,
      isWarm,
      [Symbol.dispose]: () => {
        if (isHeld) this.#release(key, worker);
        isHeld = false;
      },
    };
  }

  #release(key: string, worker: Worker): void {
    if (!worker.isIdle) return void worker.close();
    const { idleMs } = this.#options;
    if (this.#isClosed || this.#retired.has(key) || idleMs === 0) {
      return void worker.close();
    }
    const waiter = this.#waiting.findIndex((each) => each.key === key);
    if (waiter >= 0) {
      this.#waiting.splice(waiter, 1)[0]?.give(worker);
      return;
    }
    // Somebody waits for another key: the slot is worth more than the worker.
    if (this.#waiting.length > 0) return void worker.close();
    const timer = setTimeout(() => void worker.close(), idleMs);
    this.#idle.push({ key, worker, timer });
  }

  #takeIdle(key: string): Worker | undefined {
    for (;;) {
      // The newest is the likeliest to have everything in its caches.
      const at = this.#idle.findLastIndex((each) => each.key === key);
      const [found] = at < 0 ? [] : this.#idle.splice(at, 1);
      clearTimeout(found?.timer);
      if (!found || found.worker.isIdle) return found?.worker;
      void found.worker.close();
    }
  }

  async #wait(key: string, deadline: number): Promise<Worker | undefined> {
    // An idle worker makes room at once, so its evictor does not queue.
    const isFull = this.#waiting.length >= this.#options.maxWaiting;
    if (isFull && this.#idle.length === 0) throw this.#busy();
    const { promise, resolve, reject } = Promise.withResolvers<
      Worker | undefined
    >();
    const waiter: Waiter<Worker> = { key, give: resolve, refuse: reject };
    this.#waiting.push(waiter);
    const timer = setTimeout(
      () => reject(this.#busy()),
      Math.max(0, deadline - Date.now()),
    );
    this.#evictOldest();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      const at = this.#waiting.indexOf(waiter);
      if (at >= 0) this.#waiting.splice(at, 1);
    }
  }

  #evictOldest(): void {
    const oldest = this.#idle.shift();
    clearTimeout(oldest?.timer);
    void oldest?.worker.close();
  }

  #forget(worker: Worker): void {
    this.#workers.delete(worker);
    const at = this.#idle.findIndex((each) => each.worker === worker);
    const [found] = at < 0 ? [] : this.#idle.splice(at, 1);
    clearTimeout(found?.timer);
    this.#freeSlot();
  }

  #freeSlot(): void {
    const next = this.#waiting.shift();
    if (next) next.give(undefined);
    else this.#slots--;
  }

  /** Closes what is idle of a key now, and the rest when it is given back. */
  retire(key: string): void {
    this.#retired.add(key);
    for (;;) {
      const worker = this.#takeIdle(key);
      if (!worker) return;
      void worker.close();
    }
  }

  /** Undoes `retire`, as when an older version serves again. */
  reinstate(key: string): void {
    this.#retired.delete(key);
  }

  #busy(): AppError {
    return new AppError(
      "busy",
      `Cannot start a sandbox: all ${this.#options.limit} are in use`,
      {
        retryAfter: 1,
        hint: "Try again shortly, or raise OCHE_MAX_SANDBOXES",
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const waiter of this.#waiting) waiter.refuse(closing());
    await Promise.allSettled(
      Array.from(this.#workers, (worker) => worker.close()),
    );
  }
}

function closing(): AppError {
  return new AppError(
    "unavailable",
    "Cannot start a sandbox: the runtime ends",
    {
      hint: "Try again: another runtime takes the call",
    },
  );
}
