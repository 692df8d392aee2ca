import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { KvRegistry } from "../../src/store/registry.ts";
import { storeUpkeep } from "../../src/store/upkeep.ts";
import { startTestNats } from "../support/nats_server.ts";

Deno.test("storeUpkeep() lists objects, of empty stores too", async () => {
  await using nats = await startTestNats();
  const { js, functions, archives, artefacts } = await bootstrap(nats.nc);
  const upkeep = storeUpkeep({ js, functions, archives, artefacts });
  deepStrictEqual(await upkeep.objects(), { archives: [], artefacts: [] });
  await archives.putBlob({ name: "a.1" }, new Uint8Array(7));
  await archives.putBlob({ name: "a.2" }, new Uint8Array(7));
  await archives.delete("a.2");
  const [stored, ...others] = (await upkeep.objects()).archives;
  ok(stored);
  deepStrictEqual([stored.name, stored.bytes, others.length], ["a.1", 7, 0]);
  ok(Math.abs(Date.now() - stored.modifiedAt) < 600_000);
});

Deno.test("storeUpkeep() removes markers of what was removed, and nothing else", async () => {
  await using nats = await startTestNats();
  const { js, functions, archives, artefacts } = await bootstrap(nats.nc);
  await using registry = await KvRegistry.open(functions);
  const { id } = await registry.ensure("hello", {});
  for (let count = 0; count < 3; count++) await registry.addVersion(id, "");
  await registry.removeVersion(id, 1);
  await registry.removeVersion(id, 2);
  const messages = async () => (await functions.status()).values;
  const before = await messages();
  const stores = { js, functions, archives, artefacts };
  await storeUpkeep(stores).removeMarkers();
  strictEqual(await messages(), before, "a young marker is for who was away");
  await storeUpkeep({ ...stores, markerMs: -1_000 }).removeMarkers();
  strictEqual(await messages(), before - 2);
  await using again = await KvRegistry.open(functions);
  deepStrictEqual(
    (await again.versions(id)).map(({ version }) => version),
    [3],
  );
});
