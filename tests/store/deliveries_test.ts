import { deepStrictEqual, strictEqual } from "node:assert";
import type { Deliveries } from "../../src/contracts/deliveries.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { kvDeliveries } from "../../src/store/deliveries.ts";
import { memoryDeliveries } from "../support/deliveries.ts";
import { startTestNats } from "../support/nats_server.ts";

type Open = (now: () => number) => Promise<
  { deliveries: Deliveries } & AsyncDisposable
>;

const OPENS: [name: string, Open][] = [
  ["memoryDeliveries()", (now) =>
    Promise.resolve({
      deliveries: memoryDeliveries(now),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })],
  ["kvDeliveries()", async (now) => {
    const nats = await startTestNats();
    const parts = await bootstrap(nats.nc);
    return {
      deliveries: kvDeliveries(parts.deliveries, now),
      [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose](),
    };
  }],
];

for (const [name, open] of OPENS) {
  Deno.test(`${name} lets one of several have a delivery`, async () => {
    await using opened = await open(Date.now);
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => opened.deliveries.take("a", 60_000)),
    );
    deepStrictEqual(outcomes.sort(), ["busy", "busy", "busy", "busy", "taken"]);
  });

  Deno.test(`${name} keeps what has run, and gives back what has not`, async () => {
    await using opened = await open(Date.now);
    const { deliveries } = opened;
    await deliveries.take("a", 60_000);
    await deliveries.release("a");
    strictEqual(await deliveries.take("a", 60_000), "taken");
    await deliveries.settle("a");
    strictEqual(await deliveries.take("a", 60_000), "done");
    strictEqual(await deliveries.take("b", 60_000), "taken");
  });

  Deno.test(`${name} takes over from who is gone`, async () => {
    let now = 1_000_000;
    await using opened = await open(() => now);
    const { deliveries } = opened;
    await deliveries.take("a", 1_000);
    now += 999;
    strictEqual(await deliveries.take("a", 1_000), "busy");
    now += 1;
    const outcomes = await Promise.all(
      Array.from({ length: 3 }, () => deliveries.take("a", 1_000)),
    );
    deepStrictEqual(outcomes.sort(), ["busy", "busy", "taken"]);
  });
}
