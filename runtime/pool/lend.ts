/** A worker in a caller's hands, until it leaves the block. */
import type { Lease, PoolWorker } from "./worker.ts";

/**
 * @param since From when its caller waited for its start, if it did.
 * @param queued How many others wait for it.
 * @param giveBack Is told once, and how long the worker was lent, in milliseconds.
 */
export function lend<Worker extends PoolWorker>(
  worker: Worker,
  since: number | undefined,
  queued: number,
  giveBack: (ms: number) => void,
): Lease<Worker> {
  const begun = performance.now();
  let isHeld = true;
  return {
    worker,
    start: since === undefined ? "warm" : worker.startKind,
    startMs: since === undefined ? 0 : begun - since,
    queued,
    [Symbol.dispose]: () => {
      if (!isHeld) return;
      isHeld = false;
      giveBack(performance.now() - begun);
    },
  };
}
