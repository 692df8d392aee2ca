/** Sealed objects, over a store that a test can look into. */
import { deepStrictEqual, ok, rejects } from "node:assert";
import { createSealer } from "../../src/auth/sealing.ts";
import { sealedObjects } from "../../src/store/sealed_objects.ts";
import { memoryObjects } from "../support/memory.ts";

Deno.test("sealedObjects() stores nothing readable, and gives back what was put", async () => {
  const store = memoryObjects();
  const objects = sealedObjects(store, "bucket", await newSealer());
  const bytes = new TextEncoder().encode("a marker");
  await objects.put("a", bytes);
  const stored = new TextDecoder("latin1").decode(await store.get("a"));
  ok(!stored.includes("marker"));
  deepStrictEqual(await objects.get("a"), bytes);
  await objects.remove("a");
  await rejects(objects.get("a"), { code: "not_found" });
});

Deno.test("sealedObjects() refuses what was put in by somebody else, or moved", async () => {
  const store = memoryObjects();
  const sealer = await newSealer();
  const objects = sealedObjects(store, "bucket", sealer);
  await objects.put("a", new Uint8Array([1]));
  await store.put("b", await store.get("a"));
  await rejects(objects.get("b"), { code: "invalid", message: /bucket\/b/ });
  await rejects(sealedObjects(store, "other", sealer).get("a"), {
    code: "invalid",
  });
  await store.put("c", new TextEncoder().encode("not sealed by anybody here"));
  await rejects(objects.get("c"), { code: "invalid", message: /not sealed/ });
});

async function newSealer() {
  return await createSealer([crypto.getRandomValues(new Uint8Array(32))]);
}
