import { deepStrictEqual, ok } from "node:assert";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { BUCKET, STREAM } from "../../src/nats/subject.ts";
import { jetStreamStorage } from "../../src/store/storage.ts";
import { startTestNats } from "../support/nats_server.ts";

Deno.test("jetStreamStorage() shows every stream and bucket with its bounds", async () => {
  await using nats = await startTestNats();
  const { js, archives } = await bootstrap(nats.nc);
  await archives.putBlob({ name: "a" }, new Uint8Array(10_000));
  const stores = await (await jetStreamStorage(js)).stores();
  const byName = new Map(stores.map((each) => [each.name, each]));
  for (const name of [STREAM.deploy, STREAM.log, BUCKET.functions]) {
    ok(byName.has(name), name);
  }
  const log = byName.get(STREAM.log);
  deepStrictEqual(
    [log?.kind, log?.maxBytes, log?.maxAgeMs, log?.isInMemory],
    ["stream", 256 * 1024 * 1024, 86_400_000, false],
  );
  const claims = byName.get(BUCKET.claims);
  deepStrictEqual([claims?.kind, claims?.isInMemory], ["objects", true]);
  ok((byName.get(BUCKET.archives)?.bytes ?? 0) > 10_000);
});
