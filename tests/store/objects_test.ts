import { deepStrictEqual, rejects } from "node:assert";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { objectStore } from "../../src/store/objects.ts";
import { startTestNats } from "../support/nats_server.ts";

Deno.test("objectStore() keeps bytes over the size of a message", async () => {
  await using nats = await startTestNats();
  const objects = objectStore((await bootstrap(nats.nc)).archives);
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const large = new Uint8Array(3_000_000).fill(7);
  large.set(bytes);
  await objects.put("a", large);
  deepStrictEqual(await objects.get("a"), large);
  await objects.remove("a");
  await rejects(objects.get("a"), { code: "not_found" });
  await objects.remove("a");
});
