import { deepStrictEqual, strictEqual } from "node:assert";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { KvRegistry } from "../../src/store/registry.ts";
import { memoryRegistry } from "../support/memory.ts";
import { startTestNats } from "../support/nats_server.ts";
import { registrySuite } from "../support/registry_suite.ts";
import { until } from "../support/until.ts";

registrySuite("memoryRegistry()", () =>
  Promise.resolve({
    registry: memoryRegistry(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }));

registrySuite("KvRegistry", async () => {
  const nats = await startTestNats();
  const { functions } = await bootstrap(nats.nc);
  const registry = await KvRegistry.open(functions);
  return {
    registry,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await nats[Symbol.asyncDispose]();
    },
  };
});

Deno.test("KvRegistry sees what another one writes", async () => {
  await using nats = await startTestNats();
  const { functions } = await bootstrap(nats.nc);
  await using one = await KvRegistry.open(functions);
  await using other = await KvRegistry.open(functions);
  const seen = Promise.withResolvers<void>();
  using _watch = other.onChange((change) => {
    if (change.type === "version" && change.record.status === "ready") {
      seen.resolve();
    }
  });
  const { id } = await one.ensure("hello", {});
  await one.addVersion(id, "0".repeat(64));
  await one.updateVersion(id, 1, { status: "ready" });
  await seen.promise;
  strictEqual((await other.version(id, 1))?.status, "ready");
});

Deno.test("KvRegistry reads all that was stored before it opened", async () => {
  await using nats = await startTestNats();
  const { functions } = await bootstrap(nats.nc);
  {
    await using first = await KvRegistry.open(functions);
    for (let i = 0; i < 20; i++) await first.ensure(`f${i}`, {});
  }
  await bootstrap(nats.nc);
  await using second = await KvRegistry.open(functions);
  strictEqual((await second.list()).length, 20);
});

Deno.test("KvRegistry leaves out what it cannot read, says so, and reads what comes after it", async () => {
  await using nats = await startTestNats();
  const { functions } = await bootstrap(nats.nc);
  {
    await using first = await KvRegistry.open(functions);
    await first.ensure("before", {});
    await functions.put("fn.later", '{"of":"a later Oche"}');
    await first.ensure("after", {});
  }
  const errors: unknown[] = [];
  await using second = await KvRegistry.open(
    functions,
    (error) => errors.push(error),
  );
  deepStrictEqual(
    (await second.list()).map(({ name }) => name),
    ["after", "before"],
  );
  deepStrictEqual(await second.unreadable(), ["fn.later"]);
  strictEqual(errors.length, 1);
  await functions.purge("fn.later");
  await until(async () => (await second.unreadable()).length === 0);
});
