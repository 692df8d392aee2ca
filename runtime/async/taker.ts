/** Takes invocations from the queue for as long as the runtime lives. */
import type { QueueEntry } from "../../src/contracts/async_queue.ts";
import { Backlog } from "./backlog.ts";
import type { AsyncDeps } from "./deps.ts";
import { type Fate, serve, type Tracked } from "./serve.ts";

/** When what went wrong for no reason of its own is looked at again, in ms. */
const AGAIN_MS = 500;
const MAX_AGAIN_MS = 60_000;
/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Taker extends AsyncDisposable {
  /** Ends an invocation that runs here; nothing if none does. */
  cancel(invocationId: string): void;
}

export function startTaker(deps: AsyncDeps): Taker {
  const { queue, registry, concurrency, log } = deps;
  const backlog = new Backlog();
  const stopping = new AbortController();
  const running = new Map<string, AbortController>();
  const work = new Set<Promise<void>>();
  /** How many of each function run here, and how many may. */
  const load = new Map<string, number>();
  const limits = new Map<string, number>();
  /** Functions of delayed work that were looked up. */
  const checked = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function mayStart(functionId: string): boolean {
    return (load.get(functionId) ?? 0) <
      (limits.get(functionId) ?? concurrency);
  }

  function pump(): void {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    const now = Date.now();
    while (work.size < concurrency) {
      const item = backlog.next(now, mayStart);
      if (!item) break;
      take(item);
    }
    if (work.size >= concurrency) return;
    const wait = backlog.nextDue() - now;
    if (wait === Infinity) return;
    timer = setTimeout(pump, Math.min(Math.max(wait, 0), MAX_TIMER_MS));
  }

  function take(item: Tracked): void {
    const { functionId, invocationId } = item.entry;
    const cancelled = new AbortController();
    running.set(invocationId, cancelled);
    load.set(functionId, (load.get(functionId) ?? 0) + 1);
    const done = serveItem(item, cancelled.signal).then((fate) => {
      running.delete(invocationId);
      const left = (load.get(functionId) ?? 1) - 1;
      if (left > 0) load.set(functionId, left);
      else load.delete(functionId);
      work.delete(done);
      apply(item, fate);
    });
    work.add(done);
  }

  async function serveItem(
    item: Tracked,
    cancelled: AbortSignal,
  ): Promise<Fate> {
    try {
      const found = await registry.find(item.entry.functionId);
      limits.set(
        item.entry.functionId,
        found?.settings.maxConcurrency ?? concurrency,
      );
      const fate = await serve(deps, item, {
        cancelled,
        stopping: stopping.signal,
        onPlace: () => freePlace(item),
      });
      item.errors = 0;
      return fate;
    } catch (error) {
      log.warn("Cannot serve an invocation; it is looked at again", {
        invocationId: item.entry.invocationId,
        error,
      });
      // What was written before the error is in its record.
      item.isKnown = true;
      item.errors = (item.errors ?? 0) + 1;
      const wait = Math.min(AGAIN_MS * 2 ** item.errors, MAX_AGAIN_MS);
      return { kind: "wait", until: Date.now() + wait };
    }
  }

  function apply(item: Tracked, fate: Fate): void {
    const { functionId } = item.entry;
    const now = Date.now();
    switch (fate.kind) {
      case "over":
        backlog.remove(item);
        break;
      case "wait":
        backlog.wait(item, fate.until, now);
        break;
      case "pause":
        backlog.pause(functionId, fate.until);
        backlog.wait(item, fate.until, now);
        break;
      case "park":
        backlog.park(item, fate.until);
        return pump();
    }
    freePlace(item);
  }

  /** The next of its key may try. */
  function freePlace({ entry: { functionId, key } }: Tracked): void {
    if (key !== undefined) backlog.unpark(functionId, key, Date.now());
    pump();
  }

  /** Its delayed work is not for later: it goes to the dead letters now. */
  function wake(functionId: string): void {
    backlog.wake(functionId, Date.now());
    pump();
  }

  /** One that was removed while no runtime was there to see it. */
  async function wakeIfGone(functionId: string): Promise<void> {
    if (checked.has(functionId)) return;
    checked.add(functionId);
    const found = await registry.find(functionId).catch(() => {
      checked.delete(functionId);
      return true;
    });
    if (!found) wake(functionId);
  }

  const watch = registry.onChange((change) => {
    if (change.type === "removed") wake(change.id);
  });
  queue.follow((entry: QueueEntry) => {
    const now = Date.now();
    backlog.add(entry, now);
    pump();
    if (entry.notBefore > now) void wakeIfGone(entry.functionId);
  }, stopping.signal);

  return {
    cancel: (invocationId) => running.get(invocationId)?.abort(),
    /** Takes no more and waits for what runs. */
    async [Symbol.asyncDispose]() {
      stopping.abort();
      watch[Symbol.dispose]();
      clearTimeout(timer);
      await Promise.allSettled(work);
    },
  };
}
