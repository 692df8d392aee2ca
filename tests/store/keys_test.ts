/** The key store on a real NATS server. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { hashKey, newKeyId } from "../../src/auth/api_key.ts";
import type { ApiKey } from "../../src/contracts/key.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { KvKeys } from "../../src/store/keys.ts";
import { startTestNats } from "../support/nats_server.ts";

function keyOf(change: Partial<ApiKey> = {}): ApiKey {
  return {
    id: newKeyId(),
    name: "test",
    sha256: hashKey(crypto.randomUUID()),
    scopes: ["read"],
    createdAt: new Date().toISOString(),
    ...change,
  };
}

Deno.test("KvKeys keeps keys over a restart, forgets those that ended long ago, and survives rubbish", async () => {
  await using nats = await startTestNats();
  const { js } = await bootstrap(nats.nc);
  const { keys: kv } = await bootstrapAccess(js);
  const first = keyOf();
  const old = keyOf({ revokedAt: "2020-01-01T00:00:00.000Z" });
  {
    await using keys = await KvKeys.open(kv);
    await keys.add(old);
    await keys.add(first);
    strictEqual(keys.find(first.sha256)?.id, first.id);
    // The next one that is made sweeps.
    strictEqual(keys.find(old.sha256), undefined);
    ok((await keys.revoke(first.id)).revokedAt);
    await rejects(keys.revoke("nope"), { code: "not_found" });
  }
  await kv.put("key.bad", "not json");
  await kv.put("key.worse", '{"sha256":"x"}');
  await using keys = await KvKeys.open(kv);
  deepStrictEqual(keys.list().map(({ id }) => id), [first.id]);
  ok(keys.find(first.sha256)?.revokedAt);
});

Deno.test("KvKeys takes a record that became unreadable out of use", async () => {
  await using nats = await startTestNats();
  const { js } = await bootstrap(nats.nc);
  const { keys: kv } = await bootstrapAccess(js);
  await using keys = await KvKeys.open(kv);
  const key = keyOf();
  await keys.add(key);
  await kv.put(`key.${key.id}`, "{}");
  const limit = Date.now() + 30_000;
  while (keys.find(key.sha256)) {
    ok(Date.now() < limit, "the change never came");
    await nats.nc.flush();
  }
});
