import { deepStrictEqual, strictEqual } from "node:assert";
import { KEY, testGateway } from "../support/gateway.ts";

Deno.test("GET /api/storage counts versions by state, and shows the stores", async () => {
  const gateway = testGateway();
  const id = await gateway.deployed("hello");
  await gateway.deps.registry.addVersion(id, "0".repeat(64));
  const answer = await gateway.call("GET", "/api/storage", { key: KEY.read });
  strictEqual(answer.status, 200);
  const { functions, versions, stores } = await answer.json();
  deepStrictEqual([functions, versions], [1, { ready: 1, queued: 1 }]);
  deepStrictEqual(stores, await gateway.deps.storage.stores());
});

Deno.test("GET /api/storage needs a key that may read", async () => {
  const gateway = testGateway();
  const answer = await gateway.call("GET", "/api/storage", { key: KEY.invoke });
  strictEqual(answer.status, 403);
  await answer.body?.cancel();
});
