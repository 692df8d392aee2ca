/** The workers and callers of one key. */
import { type Alarm, clearAlarm, setAlarm } from "../../src/alarm.ts";
import type { AppError } from "../../src/contracts/error.ts";
import { Demand } from "./demand.ts";
import type { Policy, PoolWorker } from "./worker.ts";

export interface Waiter<Worker> {
  since: number;
  /** @param startedAt When the start of a worker began that is new. */
  give(worker: Worker, startedAt?: number): void;
  refuse(error: unknown): void;
}

interface Idle<Worker> {
  worker: Worker;
  since: number;
  isFrozen: boolean;
  expiry: Alarm | undefined;
  freezing: Alarm | undefined;
}

export interface GroupHooks<Worker> {
  /** An idle worker that nobody called for the policy's `idleMs`. */
  expired(worker: Worker): void;
  freezeMs: number;
}

export class Group<Worker extends PoolWorker> {
  policy: Policy<Worker>;
  readonly demand = new Demand();
  /** First come, first served. */
  readonly waiting: Waiter<Worker>[] = [];
  /** Since when somebody waits without a break. */
  queuedSince = 0;
  /** When somebody who waited was served last. */
  servedAt = 0;
  starting = 0;
  leased = 0;
  /** Idle workers of others that make room for its own. */
  owed = 0;
  /** Its workers are not kept when they come back. */
  isRetired = false;
  /** Somebody waited for longer than was predicted. */
  isSlow = false;
  /** After a failed start nothing is started ahead before this time. */
  pausedUntil = 0;
  failures = 0;
  readonly #hooks: GroupHooks<Worker>;
  /** Longest idle first. */
  readonly #idle: Idle<Worker>[] = [];

  constructor(policy: Policy<Worker>, hooks: GroupHooks<Worker>) {
    this.policy = policy;
    this.#hooks = hooks;
  }

  get idle(): number {
    return this.#idle.length;
  }

  get workers(): number {
    return this.#idle.length + this.leased + this.starting;
  }

  /** Whether all that it has is yet to come. */
  get isOnlyStarting(): boolean {
    return this.starting > 0 && this.workers === this.starting;
  }

  get isEmpty(): boolean {
    return this.workers === 0 && this.waiting.length === 0;
  }

  /** Since when its longest idle worker is so. */
  get idleSince(): number {
    return this.#idle[0]?.since ?? Infinity;
  }

  /** Callers who wait for what is leased, as no start is under way. */
  get queued(): number {
    return this.starting === 0 ? this.waiting.length : 0;
  }

  /** Workers that its policy wants started, waiting callers aside. */
  wantedAhead(now: number): number {
    if (this.isRetired || now < this.pausedUntil) return 0;
    const { minWarm, isReused, idleMs, maxWorkers } = this.policy;
    const stock = isReused ? 0 : this.demand.stock(now, idleMs);
    const wanted = Math.max(minWarm, stock);
    const ready = isReused ? this.workers : this.#idle.length + this.starting;
    return Math.min(wanted - ready, maxWorkers - this.workers);
  }

  /**
   * Whether one more worker pays for those who wait.
   *
   * @param coming Workers that are not started yet, and count as if they were.
   */
  wantsMore(growMs: number, coming = 0): boolean {
    const { waiting, policy, demand } = this;
    const workers = this.workers + coming;
    if (waiting.length <= this.starting + coming) return false;
    if (workers >= policy.maxWorkers) return false;
    return workers === 0 || this.isSlow || !policy.isReused ||
      demand.predictedWaitMs(waiting.length, workers) > growMs;
  }

  /**
   * Whether nobody was served for so long and no start is under way. A queue
   * that moves ends as predicted, and a start takes the others' time.
   */
  isStuck(growMs: number): boolean {
    return this.starting === 0 && performance.now() - this.servedAt > growMs;
  }

  keep(worker: Worker): void {
    const idle: Idle<Worker> = {
      worker,
      since: performance.now(),
      isFrozen: false,
      expiry: undefined,
      freezing: undefined,
    };
    const { freezeMs, expired } = this.#hooks;
    idle.expiry = setAlarm(this.policy.idleMs, () => expired(worker));
    if (freezeMs > 0) {
      idle.freezing = setAlarm(freezeMs, () => void freeze(idle));
    }
    this.#idle.push(idle);
  }

  /** The newest one that lives: the likeliest to have all in its caches. */
  take(): { worker: Worker; isFrozen: boolean } | undefined {
    for (;;) {
      const found = this.#idle.pop();
      if (!found) return undefined;
      disarm(found);
      if (found.worker.isIdle) return found;
      void found.worker.close();
    }
  }

  closeIdle(): void {
    for (let found = this.take(); found; found = this.take()) {
      void found.worker.close();
    }
  }

  /** The one that is idle for longest. */
  takeOldest(): Worker | undefined {
    const found = this.#idle.shift();
    if (found) disarm(found);
    return found?.worker;
  }

  /** Drops it if it was idle. */
  forget(worker: Worker): boolean {
    const at = this.#idle.findIndex((each) => each.worker === worker);
    if (at < 0) return false;
    this.#idle.splice(at, 1).forEach(disarm);
    return true;
  }

  refuseAll(error: AppError): void {
    for (const waiter of this.waiting.splice(0)) waiter.refuse(error);
  }
}

function disarm({ expiry, freezing }: Idle<unknown>): void {
  clearAlarm(expiry);
  clearAlarm(freezing);
}

async function freeze<Worker extends PoolWorker>(
  idle: Idle<Worker>,
): Promise<void> {
  idle.isFrozen = true;
  try {
    await idle.worker.freeze();
  } catch {
    // It stays warm, which costs only its little CPU.
  }
}
