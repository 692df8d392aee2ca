/**
 * What waits, as one runtime sees it, and whose turn it is.
 *
 * Functions take turns, each by the priority of what it has next: of two that
 * always have work, one of priority 9 starts ten times as often as one of 0,
 * and neither waits for the other's queue to end.
 */
import type { QueueEntry } from "../../src/contracts/async_queue.ts";
import { DueHeap } from "./due_heap.ts";
import { Lane } from "./lane.ts";

export interface Item {
  entry: QueueEntry;
  /** Somebody had it before: its record says more than its message. */
  isKnown: boolean;
  /** The invocation that takes its place. */
  supersededBy?: string;
}

interface Held extends Item {
  state: "waiting" | "ready" | "parked" | "taken";
  due: number;
  /** Tries for those of its key that are parked. */
  isTrial: boolean;
}

/** How long the others of a key wait for the one that tries, in milliseconds. */
const TRIAL_MS = 30_000;

export class Backlog {
  readonly #items = new Map<number, Held>();
  readonly #due = new DueHeap<Held>();
  readonly #lanes = new Map<string, Lane<Held>>();
  /** Functions that may not start anything before then. */
  readonly #paused = new Map<string, number>();
  /** Entries of keys that have no place, by function and key. */
  readonly #parked = new Map<string, { until: number; items: Held[] }>();
  /** The newest entry of each key that is debounced. */
  readonly #newest = new Map<string, Held>();
  /** Before then no function that is paused and no parked key is due. */
  #sweepAt = Infinity;
  /** Share of whoever was served last: who comes new starts from there. */
  #pass = 0;

  get size(): number {
    return this.#items.size;
  }

  /** A message that was seen; again is harmless. */
  add(entry: QueueEntry, now: number): void {
    if (this.#items.has(entry.seq)) return;
    const item: Held = {
      entry,
      isKnown: false,
      state: "waiting",
      due: 0,
      isTrial: false,
    };
    this.#items.set(entry.seq, item);
    let due = entry.notBefore;
    if (entry.debounceMs > 0) {
      due = Math.max(due, entry.acceptedAt + entry.debounceMs);
      this.#supersede(item, now);
    }
    this.#schedule(item, due, now);
  }

  /** The one before it of the same key is over, unless it was taken. */
  #supersede(item: Held, now: number): void {
    const name = groupOf(item.entry);
    const before = this.#newest.get(name);
    if (before && before.entry.seq > item.entry.seq) {
      item.supersededBy = before.entry.invocationId;
      return;
    }
    this.#newest.set(name, item);
    if (!before || before.state === "taken" || before.isKnown) return;
    before.supersededBy = item.entry.invocationId;
    if (before.state === "waiting") this.#schedule(before, now, now);
  }

  /** Puts back what was taken. */
  wait(item: Item, until: number, now: number): void {
    const held = this.#items.get(item.entry.seq);
    if (held) this.#schedule(held, until, now);
  }

  /** What waits of a function waits no longer. */
  wake(functionId: string, now: number): void {
    this.#paused.delete(functionId);
    for (const item of this.#items.values()) {
      const isMine = item.entry.functionId === functionId;
      if (isMine && item.state === "waiting") this.#schedule(item, now, now);
    }
  }

  /** Forgets what is over. */
  remove({ entry }: Item): void {
    const held = this.#items.get(entry.seq);
    if (!held) return;
    this.#items.delete(entry.seq);
    held.state = "taken";
    const name = groupOf(entry);
    if (this.#newest.get(name) === held) this.#newest.delete(name);
  }

  /** Nothing of a function starts before then. */
  pause(functionId: string, until: number): void {
    this.#paused.set(functionId, until);
    this.#sweepAt = Math.min(this.#sweepAt, until);
  }

  /** The key of this one has no place before then, or before `unpark`. */
  park(item: Item, until: number): void {
    const held = this.#items.get(item.entry.seq);
    if (!held) return;
    held.state = "parked";
    const name = groupOf(item.entry);
    const parked = this.#parked.get(name) ?? { until, items: [] };
    parked.until = until;
    parked.items.push(held);
    this.#parked.set(name, parked);
    this.#sweepAt = Math.min(this.#sweepAt, until);
  }

  /** A place of the key may be free: the first that waits for it is ready. */
  unpark(functionId: string, key: string, now: number): void {
    this.#unpark(`${functionId}.${key}`, now);
  }

  #unpark(name: string, now: number): void {
    const parked = this.#parked.get(name);
    if (!parked) return;
    const item = parked.items.shift();
    if (parked.items.length === 0) this.#parked.delete(name);
    else {
      parked.until = now + TRIAL_MS;
      this.#sweepAt = Math.min(this.#sweepAt, parked.until);
    }
    if (!item) return;
    item.isTrial = true;
    this.#schedule(item, now, now);
  }

  /** Takes whatever is next, of a function that may start one more. */
  next(
    now: number,
    mayStart: (functionId: string) => boolean,
  ): Item | undefined {
    this.#wake(now);
    for (;;) {
      const lane = this.#nextLane(now, mayStart);
      if (!lane) return undefined;
      this.#pass = lane.pass;
      lane.pass += 1 / (1 + (lane.priority ?? 0));
      const item = lane.shift();
      if (item?.state !== "ready") continue;
      if (this.#isParked(item)) continue;
      item.state = "taken";
      return item;
    }
  }

  #isParked(item: Held): boolean {
    if (item.entry.key === undefined || item.isKnown || item.isTrial) {
      return item.isTrial = false;
    }
    const parked = this.#parked.get(groupOf(item.entry));
    if (!parked) return false;
    item.state = "parked";
    parked.items.push(item);
    return true;
  }

  #nextLane(
    now: number,
    mayStart: (functionId: string) => boolean,
  ): Lane<Held> | undefined {
    let best: Lane<Held> | undefined;
    for (const [functionId, lane] of this.#lanes) {
      if (lane.size === 0) {
        this.#lanes.delete(functionId);
        continue;
      }
      if ((this.#paused.get(functionId) ?? 0) > now) continue;
      if (best && best.pass <= lane.pass) continue;
      if (mayStart(functionId)) best = lane;
    }
    return best;
  }

  /** When there may be something to take, in milliseconds since 1970. */
  nextDue(): number {
    return Math.min(this.#due.peek()?.at ?? Infinity, this.#sweepAt);
  }

  #wake(now: number): void {
    for (let top = this.#due.peek(); top && top.at <= now;) {
      this.#due.pop();
      const { value, at } = top;
      if (value.state === "waiting" && value.due === at) this.#ready(value);
      top = this.#due.peek();
    }
    if (now >= this.#sweepAt) this.#sweep(now);
  }

  #sweep(now: number): void {
    this.#sweepAt = Infinity;
    for (const [functionId, until] of this.#paused) {
      if (until <= now) this.#paused.delete(functionId);
      else this.#sweepAt = Math.min(this.#sweepAt, until);
    }
    for (const [name, { until }] of this.#parked) {
      if (until <= now) this.#unpark(name, now);
      else this.#sweepAt = Math.min(this.#sweepAt, until);
    }
  }

  #schedule(item: Held, due: number, now: number): void {
    item.due = due;
    if (due <= now) return this.#ready(item);
    item.state = "waiting";
    this.#due.push(due, item);
  }

  #ready(item: Held): void {
    item.state = "ready";
    const { functionId, priority } = item.entry;
    let lane = this.#lanes.get(functionId);
    if (!lane) {
      lane = new Lane();
      lane.pass = this.#pass;
      this.#lanes.set(functionId, lane);
    }
    lane.push(priority, item);
  }
}

function groupOf({ functionId, key = "" }: QueueEntry): string {
  return `${functionId}.${key}`;
}
