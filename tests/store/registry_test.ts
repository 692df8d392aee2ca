import { strictEqual } from "node:assert";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { KvRegistry } from "../../src/store/registry.ts";
import { memoryRegistry } from "../support/memory.ts";
import { startTestNats } from "../support/nats_server.ts";
import { registrySuite } from "../support/registry_suite.ts";

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
