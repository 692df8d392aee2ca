/** Which deliveries have run, on a KV bucket whose entries end by themselves. */
import type { KV } from "@nats-io/kv";
import { z } from "zod";
import type { Deliveries } from "../contracts/deliveries.ts";
import { create, read, replace } from "./bucket.ts";

const Entry = z.object({
  state: z.enum(["taken", "done"]),
  /** Of the lease, in milliseconds since 1970. */
  endsAt: z.number(),
});
type Entry = z.output<typeof Entry>;

/** @param now Milliseconds since 1970. */
export function kvDeliveries(kv: KV, now: () => number): Deliveries {
  return {
    async take(id, leaseMs) {
      const entry: Entry = { state: "taken", endsAt: now() + leaseMs };
      if (await create(kv, id, entry) !== undefined) return "taken";
      const stored = await read(kv, Entry, id);
      // Released between the two: whoever tries next has it.
      if (!stored) return "busy";
      if (stored.value.state === "done") return "done";
      if (now() < stored.value.endsAt) return "busy";
      const taken = await replace(kv, id, entry, stored.revision);
      return taken === undefined ? "busy" : "taken";
    },

    async settle(id) {
      await kv.put(id, JSON.stringify({ state: "done", endsAt: now() }));
    },

    async release(id) {
      await kv.purge(id);
    },
  };
}
