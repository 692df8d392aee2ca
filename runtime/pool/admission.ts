/** Who is told to come back later: fair between keys, and before a wait that does not pay. */
import type { Group, Waiter } from "./group.ts";
import type { PoolWorker } from "./worker.ts";

/** A queue that has not been empty for this long is no burst, in milliseconds. */
const BURST_MS = 300;
/** What a caller waits at most in such a queue, in run times. */
const MAX_RUNS = 3;
/** And the least that it may wait, in milliseconds. */
const MIN_WAIT_MS = 150;

/**
 * Those at the end of a queue that stands, as more is asked for than can be
 * served: waiting would only make every answer late. A burst waits in full.
 *
 * @param now As `performance.now()`.
 */
export function surplus<Worker extends PoolWorker>(
  group: Group<Worker>,
  now: number,
): Waiter<Worker>[] {
  const { waiting, demand, workers, starting, queuedSince } = group;
  if (now - queuedSince < BURST_MS) return [];
  return waiting.slice(
    demand.servedWithin(MAX_RUNS, MIN_WAIT_MS, workers - starting),
  );
}

/** The newest caller of the key with the longest queue. */
export function noisiest<Worker extends PoolWorker>(
  groups: Iterable<Group<Worker>>,
): Waiter<Worker> | undefined {
  let longest: Waiter<Worker>[] = [];
  for (const { waiting } of groups) {
    if (waiting.length > longest.length) longest = waiting;
  }
  return longest.at(-1);
}
