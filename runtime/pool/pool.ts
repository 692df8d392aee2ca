/**
 * Warm workers by key: lease one, and leaving the block gives it back.
 *
 * A caller takes whichever comes first, a worker that somebody gives back or
 * one that is started for those who wait. Workers start only where that pays,
 * few at once, within a number and a budget; room is made by closing whoever
 * was idle for longest.
 */
import { clearAlarm, setAlarm } from "../../src/alarm.ts";
import type { AppError } from "../../src/contracts/error.ts";
import { noisiest, surplus } from "./admission.ts";
import { Group, type Waiter } from "./group.ts";
import { lend } from "./lend.ts";
import { allInUse, closing, waitedInVain } from "./refusal.ts";
import { onStall } from "./stall.ts";
import { Starter } from "./starter.ts";
import type { Lease, Policy, PoolOptions, PoolWorker } from "./worker.ts";

export class Pool<Worker extends PoolWorker> implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #groups = new Map<string, Group<Worker>>();
  readonly #starter: Starter<Worker>;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#starter = new Starter(options, this.#groups, {
      ready: (group, worker, at) => this.#offer(group, worker, at),
      empty: (group) => this.#dropIfEmpty(group),
    });
  }

  /** Workers that live, starting and closing ones included, and callers that wait. */
  get size(): { workers: number; idle: number; waiting: number } {
    const groups = Array.from(this.#groups.values());
    return {
      workers: this.#starter.slots,
      idle: groups.reduce((sum, { idle }) => sum + idle, 0),
      waiting: groups.reduce((sum, { waiting }) => sum + waiting.length, 0),
    };
  }

  /**
   * A worker of the key: an idle one, else whichever comes first.
   *
   * @param deadline Absolute, in milliseconds since 1970.
   * @throws {AppError} `busy` when the queue is full or the deadline comes
   * first, `unavailable` when the pool closes or a start takes longer; and what a
   * start throws
   */
  async lease(
    key: string,
    policy: Policy<Worker>,
    deadline: number,
  ): Promise<Lease<Worker>> {
    if (this.#isClosed) throw closing();
    const group = this.#groupOf(key, policy);
    group.demand.arrived(performance.now());
    const worker = group.idle > 0 ? await this.#takeIdle(group) : undefined;
    if (!worker) return await this.#wait(group, deadline);
    if (!policy.isReused) this.#starter.growSoon();
    return this.#lend(group, worker);
  }

  /** An idle worker that runs, counted as leased; none past the key's number. */
  async #takeIdle(group: Group<Worker>): Promise<Worker | undefined> {
    while (group.leased < group.policy.maxWorkers) {
      const found = group.take();
      if (!found) return undefined;
      group.leased++;
      if (!found.isFrozen || await thaws(found.worker)) return found.worker;
      group.leased--;
      void found.worker.close();
    }
    return undefined;
  }

  /** Who waited for the key's number alone gets what is idle. */
  async #serveWaiting(group: Group<Worker>): Promise<void> {
    if (group.waiting.length === 0 || group.idle === 0) return;
    const worker = await this.#takeIdle(group);
    if (!worker) return;
    group.leased--;
    this.#offer(group, worker);
  }

  /** Keeps a worker that was started elsewhere; false when there is no room. */
  adopt(key: string, policy: Policy<Worker>, worker: Worker): boolean {
    const group = this.#groupOf(key, policy);
    if (!this.#isClosed && this.#starter.adopt(group, worker)) return true;
    this.#dropIfEmpty(group);
    return false;
  }

  /** Sets how a key's workers are kept, and starts what that wants at least. */
  configure(key: string, policy: Policy<Worker>): void {
    this.#groupOf(key, policy).isRetired = false;
    this.#starter.grow();
  }

  #groupOf(key: string, policy: Policy<Worker>): Group<Worker> {
    let group = this.#groups.get(key);
    if (group) group.policy = policy;
    else {
      const { freezeMs } = this.#options;
      const made: Group<Worker> = new Group(policy, {
        freezeMs,
        expired: (worker) => this.#expire(made, worker),
      });
      this.#groups.set(key, group = made);
    }
    return group;
  }

  #wait(group: Group<Worker>, deadline: number): Promise<Lease<Worker>> {
    return new Promise((resolve, reject) => {
      const { growMs } = this.#options;
      const leave = () => {
        clearAlarm(late);
        stall[Symbol.dispose]();
        const at = group.waiting.indexOf(waiter);
        if (at >= 0) group.waiting.splice(at, 1);
      };
      const waiter: Waiter<Worker> = {
        since: performance.now(),
        give: (worker, startedAt) => {
          leave();
          group.leased++;
          group.servedAt = performance.now();
          // What it waited for before was a worker that came back.
          const since = startedAt === undefined
            ? undefined
            : Math.max(startedAt, waiter.since);
          resolve(this.#lend(group, worker, since));
        },
        refuse: (error) => {
          leave();
          this.#dropIfEmpty(group);
          reject(error);
        },
      };
      const late = setAlarm(
        deadline - Date.now(),
        () => waiter.refuse(waitedInVain(group, this.#options.limit)),
      );
      const stall = onStall(
        (ms) => group.isStuck(ms),
        growMs,
        () => this.#growFor(group),
      );
      if (group.waiting.length === 0) group.queuedSince = waiter.since;
      group.waiting.push(waiter);
      this.#starter.grow();
      this.#shed(group, waiter.since);
    });
  }

  /** Refuses whom the queue has no room for. */
  #shed(group: Group<Worker>, now: number): void {
    const { maxWaiting } = this.#options;
    const late = this.#starter.canGrow(group) ? [] : surplus(group, now);
    for (const waiter of late) waiter.refuse(this.#busy());
    // Rather a start that does not pay than a refusal.
    if (this.#starter.unserved > maxWaiting) this.#growFor(group);
    if (this.#starter.unserved > maxWaiting) {
      noisiest(this.#groups.values())?.refuse(this.#busy());
    }
  }

  /** Whether it pays or not. */
  #growFor(group: Group<Worker>): void {
    group.isSlow = true;
    this.#starter.grow();
    group.isSlow = false;
  }

  /** @param since As `lend`. */
  #lend(group: Group<Worker>, worker: Worker, since?: number): Lease<Worker> {
    return lend(worker, since, group.queued, (ms) => {
      group.leased--;
      group.demand.ran(ms);
      this.#takeBack(group, worker);
      void this.#serveWaiting(group);
    });
  }

  #takeBack(group: Group<Worker>, worker: Worker): void {
    const isKept = worker.isIdle && group.policy.isReused &&
      group.policy.idleMs > 0 && !group.isRetired && !this.#isClosed &&
      !this.#starter.isOwedToOthers(group);
    if (isKept) this.#offer(group, worker);
    else void worker.close();
  }

  #offer(group: Group<Worker>, worker: Worker, startedAt?: number): void {
    if (this.#isClosed || group.isRetired && group.waiting.length === 0) {
      return void worker.close();
    }
    const waiter = group.waiting[0];
    if (waiter && group.leased < group.policy.maxWorkers) {
      waiter.give(worker, startedAt);
    } else group.keep(worker);
    this.#starter.grow();
  }

  /** Idle for long enough, unless the policy wants to keep so many. */
  #expire(group: Group<Worker>, worker: Worker): void {
    if (!group.forget(worker)) return;
    if (!group.isRetired && group.idle < group.policy.minWarm) {
      group.keep(worker);
    } else void worker.close();
  }

  #dropIfEmpty(group: Group<Worker>): void {
    if (!group.isEmpty || group.policy.minWarm > 0 && !group.isRetired) return;
    for (const [key, each] of this.#groups) {
      if (each === group) this.#groups.delete(key);
    }
  }

  /** Closes what is idle of a key now, and the rest when it is given back. */
  retire(key: string): void {
    const group = this.#groups.get(key);
    if (!group) return;
    group.isRetired = true;
    group.closeIdle();
    this.#dropIfEmpty(group);
  }

  #busy(): AppError {
    return allInUse(this.#options.limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const group of this.#groups.values()) group.refuseAll(closing());
    await this.#starter[Symbol.asyncDispose]();
  }
}

function thaws(worker: PoolWorker): Promise<boolean> {
  return worker.thaw().then(() => worker.isIdle, () => false);
}
