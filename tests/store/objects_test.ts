import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { jetstream } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { BUCKET } from "../../src/nats/subject.ts";
import { objectStore } from "../../src/store/objects.ts";
import { startTestNats } from "../support/nats_server.ts";

Deno.test("objectStore() keeps bytes over the size of a message", async () => {
  await using nats = await startTestNats();
  const { archives, js } = await bootstrap(nats.nc);
  const objects = objectStore(archives, js);
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const large = new Uint8Array(3_000_000).fill(7);
  large.set(bytes);
  await objects.put("a", large);
  deepStrictEqual(await objects.get("a"), large);
  const stream = (await js.jetstreamManager()).streams;
  strictEqual(
    (await stream.info(`OBJ_${BUCKET.archives}`)).state.consumer_count,
    0,
    "a read leaves a consumer behind",
  );
  await objects.remove("a");
  await rejects(objects.get("a"), { code: "not_found" });
  await objects.remove("a");
});

Deno.test("objectStore() says that there is no room", async () => {
  await using nats = await startTestNats();
  const small = await new Objm(nats.nc).create("small", { max_bytes: 4_000 });
  await rejects(
    objectStore(small, jetstream(nats.nc)).put("a", new Uint8Array(8_000)),
    {
      code: "busy",
      retryAfter: 1,
    },
  );
});

Deno.test("claims lie in memory, also where an older bucket lay on a disk", async () => {
  await using nats = await startTestNats();
  const old = await new Objm(nats.nc).create(BUCKET.claims);
  strictEqual((await old.status()).storage, "file");
  await old.putBlob({ name: "a" }, new Uint8Array(10));
  const { claims, js } = await bootstrap(nats.nc);
  strictEqual((await claims.status()).storage, "memory");
  await objectStore(claims, js).put("b", new Uint8Array(10));
});

Deno.test("objectStore() reads what was put anew while it read", async () => {
  await using nats = await startTestNats();
  const { archives, js } = await bootstrap(nats.nc);
  const [first, second] = [new Uint8Array(10).fill(1), new Uint8Array(20)];
  await objectStore(archives, js).put("a", first);
  const objects = objectStore({
    ...archives,
    putBlob: (meta, bytes) => archives.putBlob(meta, bytes),
    async info(name) {
      const info = await archives.info(name);
      // Between the look and the read, once.
      if (info?.size === first.length) await objects.put("a", second);
      return info;
    },
  }, js);
  deepStrictEqual(await objects.get("a"), second);
});

Deno.test("objectStore() refuses what is damaged", async () => {
  await using nats = await startTestNats();
  const { archives, js } = await bootstrap(nats.nc);
  const objects = objectStore(archives, js);
  await objects.put("a", new Uint8Array(10));
  const { nuid } = await archives.info("a") ?? {};
  const { streams } = await js.jetstreamManager();
  await streams.purge(`OBJ_${BUCKET.archives}`, {
    filter: `$O.${BUCKET.archives}.C.${nuid}`,
  });
  await rejects(objects.get("a"), { code: "internal", message: /damaged/ });
});

Deno.test("objectStore() keeps an object that many put and read at once", async () => {
  await using nats = await startTestNats();
  const { archives, js } = await bootstrap(nats.nc);
  const objects = objectStore(archives, js);
  const bytes = new Uint8Array(1_000).fill(7);
  await objects.put("a", bytes);
  await Promise.all(Array.from({ length: 20 }, async () => {
    await objects.put("a", bytes);
    deepStrictEqual(await objects.get("a"), bytes);
  }));
});
