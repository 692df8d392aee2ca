import { deepStrictEqual, strictEqual } from "node:assert";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { KvTriggers } from "../../src/store/triggers.ts";
import { startTestNats } from "../support/nats_server.ts";
import { memoryTriggers } from "../support/triggers.ts";
import { cronRecord, triggersSuite } from "../support/triggers_suite.ts";

function unexpected(error: unknown): never {
  throw error;
}

triggersSuite("memoryTriggers()", () =>
  Promise.resolve({
    triggers: memoryTriggers(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }));

triggersSuite("KvTriggers", async () => {
  const nats = await startTestNats();
  const parts = await bootstrap(nats.nc);
  const triggers = await KvTriggers.open(parts.triggers, unexpected);
  return {
    triggers,
    async [Symbol.asyncDispose]() {
      await triggers[Symbol.asyncDispose]();
      await nats[Symbol.asyncDispose]();
    },
  };
});

Deno.test("KvTriggers sees what another one writes and removes", async () => {
  await using nats = await startTestNats();
  const { triggers: kv } = await bootstrap(nats.nc);
  await using one = await KvTriggers.open(kv, unexpected);
  await using other = await KvTriggers.open(kv, unexpected);
  const put = Promise.withResolvers<void>();
  const removed = Promise.withResolvers<void>();
  using _watch = other.onChange(({ type }) =>
    (type === "put" ? put : removed).resolve()
  );
  await one.create(cronRecord("x"));
  await put.promise;
  strictEqual((await other.list()).length, 1);
  await one.remove("x");
  await removed.promise;
  deepStrictEqual(await other.list(), []);
});

Deno.test("KvTriggers leaves out a record that it cannot read, and says so", async () => {
  await using nats = await startTestNats();
  const { triggers: kv } = await bootstrap(nats.nc);
  {
    await using first = await KvTriggers.open(kv, unexpected);
    await first.create(cronRecord("good"));
  }
  await kv.put("trigger.bad", '{"type":"of a later version"}');
  const errors: unknown[] = [];
  await using second = await KvTriggers.open(kv, (error) => errors.push(error));
  deepStrictEqual((await second.list()).map(({ name }) => name), ["good"]);
  strictEqual(errors.length, 1);
});
