/** Starts workers where it pays, and makes room for them: who starts, who goes. */
import { type Alarm, clearAlarm, setAlarm } from "../../src/alarm.ts";
import type { Group } from "./group.ts";
import type { PoolOptions, PoolWorker } from "./worker.ts";

/** After a start ahead that failed, in milliseconds; doubled each time. */
const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;
/** A call that took a worker has the machine first, in milliseconds. */
const SOON_MS = 20;

export interface StarterHooks<Worker extends PoolWorker> {
  /** @param startedAt When its start began; none of one that was adopted. */
  ready(group: Group<Worker>, worker: Worker, startedAt?: number): void;
  /** Its last worker went. */
  empty(group: Group<Worker>): void;
}

interface Held<Worker extends PoolWorker> {
  group: Group<Worker>;
  weight: number;
  /** Whom it makes room for. */
  evictedFor: Group<Worker> | undefined;
}

export class Starter<Worker extends PoolWorker> implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #groups: ReadonlyMap<string, Group<Worker>>;
  readonly #hooks: StarterHooks<Worker>;
  readonly #workers = new Map<Worker, Held<Worker>>();
  readonly #launches = new Set<Promise<void>>();
  readonly #pauses = new Set<ReturnType<typeof setTimeout>>();
  #soon: Alarm | undefined;
  #starting = 0;
  #evicting = 0;
  /** Weight of all, starting ones included. */
  #weight = 0;
  #isClosed = false;

  constructor(
    options: PoolOptions,
    groups: ReadonlyMap<string, Group<Worker>>,
    hooks: StarterHooks<Worker>,
  ) {
    this.#options = options;
    this.#groups = groups;
    this.#hooks = hooks;
  }

  get slots(): number {
    return this.#workers.size + this.#starting;
  }

  /** Callers that wait with nothing being started or made room for. */
  get unserved(): number {
    let count = -this.#evicting;
    for (const { waiting, starting } of this.#groups.values()) {
      count += Math.max(0, waiting.length - starting);
    }
    return count;
  }

  /** Starts for those who wait, the longest first, then what policies want ahead. */
  grow(): void {
    if (this.#isClosed || !this.#growForWaiting()) return;
    const { maxStarts } = this.#options;
    const now = performance.now();
    for (const group of this.#groups.values()) {
      for (let wanted = group.wantedAhead(now); wanted > 0; wanted--) {
        if (this.#starting >= maxStarts) return;
        if (!this.#hasRoom(group.policy.weight)) return;
        this.#launch(group, true);
      }
    }
  }

  /** @returns whether there was room for all that pay */
  #growForWaiting(): boolean {
    const { growMs, maxStarts } = this.#options;
    const waiting = Array.from(this.#groups.values())
      .filter((group) => group.waiting.length > 0)
      .sort(byOldestWaiter);
    let isFull = false;
    for (const group of waiting) {
      while (!isFull && group.wantsMore(growMs)) {
        if (this.#starting >= maxStarts) return false;
        if (this.#hasRoom(group.policy.weight)) this.#launch(group, false);
        else isFull = true;
      }
      // What comes free is whose that waits for longest: each needs its own.
      while (isFull && group.wantsMore(growMs, group.owed)) {
        if (this.#starting + this.#evicting >= maxStarts) return false;
        if (!this.#evictFor(group)) return false;
      }
    }
    return !isFull;
  }

  /** Grows behind a call that needs nothing of it. */
  growSoon(): void {
    this.#soon ??= setAlarm(SOON_MS, () => {
      this.#soon = undefined;
      this.grow();
    });
  }

  /** A worker that was started elsewhere; false when there is no room. */
  adopt(group: Group<Worker>, worker: Worker): boolean {
    if (!worker.isIdle || !this.#hasRoom(group.policy.weight)) return false;
    this.#weight += group.policy.weight;
    this.#hold(group, worker);
    this.#hooks.ready(group, worker);
    return true;
  }

  /**
   * Whether a worker that comes back should make room: a caller without any
   * worker waits for longer than the group's own, and nothing else frees one.
   */
  isOwedToOthers(own: Group<Worker>): boolean {
    const ownSince = own.waiting[0]?.since ?? Infinity;
    for (const group of this.#groups.values()) {
      if (group === own || group.workers + group.owed > 0) continue;
      if (this.#hasRoom(group.policy.weight)) continue;
      if ((group.waiting[0]?.since ?? Infinity) < ownSince) return true;
    }
    return false;
  }

  /** Whether a group that waits may yet have more workers than it has. */
  canGrow(group: Group<Worker>): boolean {
    if (group.starting > 0 || this.#evicting > 0) return true;
    if (group.workers >= group.policy.maxWorkers) return false;
    return this.#hasRoom(group.policy.weight) ||
      Array.from(this.#groups.values()).some(({ idle }) => idle > 0);
  }

  #hasRoom(weight: number): boolean {
    const { limit, budget } = this.#options;
    if (this.slots === 0) return true;
    return this.slots < limit && this.#weight + weight <= budget;
  }

  #launch(group: Group<Worker>, isAhead: boolean): void {
    const launch = this.#start(group, isAhead)
      .finally(() => this.#launches.delete(launch));
    this.#launches.add(launch);
  }

  async #start(group: Group<Worker>, isAhead: boolean): Promise<void> {
    const { weight } = group.policy;
    this.#starting++;
    this.#weight += weight;
    group.starting++;
    const begun = performance.now();
    try {
      const worker = await group.policy.start(isAhead);
      this.#starting--;
      group.starting--;
      group.failures = 0;
      group.demand.started(performance.now() - begun);
      this.#hold(group, worker, weight);
      if (this.#isClosed) await worker.close();
      else this.#hooks.ready(group, worker, begun);
    } catch (error) {
      this.#starting--;
      group.starting--;
      this.#weight -= weight;
      const waiter = group.waiting[0];
      if (waiter) waiter.refuse(error);
      else this.#pause(group);
      this.grow();
      this.#hooks.empty(group);
    }
  }

  #hold(
    group: Group<Worker>,
    worker: Worker,
    weight = group.policy.weight,
  ): void {
    this.#workers.set(worker, { group, weight, evictedFor: undefined });
    void worker.closed.then(() => this.#release(worker));
  }

  #release(worker: Worker): void {
    const held = this.#workers.get(worker);
    if (!held) return;
    this.#workers.delete(worker);
    this.#weight -= held.weight;
    if (held.evictedFor) {
      held.evictedFor.owed--;
      this.#evicting--;
    }
    held.group.forget(worker);
    this.grow();
    this.#hooks.empty(held.group);
  }

  /**
   * Closes whoever is idle for longest, of those that no policy wants kept first.
   *
   * @returns false when nobody is idle
   */
  #evictFor(owner: Group<Worker>): boolean {
    const idle = Array.from(this.#groups.values())
      .filter((group) => group.idle > 0)
      .sort((a, b) => a.idleSince - b.idleSince);
    const group = idle.find((each) => each.workers > each.policy.minWarm) ??
      idle[0];
    const worker = group?.takeOldest();
    const held = worker && this.#workers.get(worker);
    if (!held) return false;
    held.evictedFor = owner;
    owner.owed++;
    this.#evicting++;
    void worker.close();
    return true;
  }

  #pause(group: Group<Worker>): void {
    const ms = Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** group.failures++);
    group.pausedUntil = performance.now() + ms;
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      this.grow();
    }, ms + 1);
    this.#pauses.add(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearAlarm(this.#soon);
    for (const timer of this.#pauses) clearTimeout(timer);
    await Promise.allSettled(
      Array.from(this.#workers.keys(), (worker) => worker.close()),
    );
    await Promise.allSettled(this.#launches);
  }
}

function byOldestWaiter<Worker extends PoolWorker>(
  a: Group<Worker>,
  b: Group<Worker>,
): number {
  return (a.waiting[0]?.since ?? 0) - (b.waiting[0]?.since ?? 0);
}
