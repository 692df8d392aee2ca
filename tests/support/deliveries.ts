/** Which deliveries have run, in memory. */
import type { Deliveries } from "../../src/contracts/deliveries.ts";

export function memoryDeliveries(now: () => number = Date.now): Deliveries {
  const entries = new Map<string, { done: boolean; endsAt: number }>();
  return {
    take(id, leaseMs) {
      const entry = entries.get(id);
      if (entry?.done) return Promise.resolve("done");
      if (entry && now() < entry.endsAt) return Promise.resolve("busy");
      entries.set(id, { done: false, endsAt: now() + leaseMs });
      return Promise.resolve("taken");
    },
    settle(id) {
      entries.set(id, { done: true, endsAt: 0 });
      return Promise.resolve();
    },
    release(id) {
      entries.delete(id);
      return Promise.resolve();
    },
  };
}
