/** One key exchanged for another, on a real NATS server. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { createSealer } from "../../src/auth/sealing.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { BUCKET } from "../../src/nats/subject.ts";
import { objectStore } from "../../src/store/objects.ts";
import { resealObjects, resealValues } from "../../src/store/reseal.ts";
import { sealedObjects } from "../../src/store/sealed_objects.ts";
import { KvSecrets } from "../../src/store/secrets.ts";
import { KvTriggers } from "../../src/store/triggers.ts";
import { makeTrigger } from "../../src/trigger/record.ts";
import { resealTriggers } from "../../src/trigger/reseal.ts";
import { secretOpener } from "../../src/trigger/secret.ts";
import { NewTrigger } from "../../src/contracts/trigger.ts";
import { startTestNats } from "../support/nats_server.ts";

function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32));
}

Deno.test("after a rotation everything opens with the new key alone, and a second sweep finds nothing", async () => {
  await using nats = await startTestNats();
  const { js, archives, triggers: kv } = await bootstrap(nats.nc);
  const access = await bootstrapAccess(js);
  const [old, young] = [newKey(), newKey()];
  const before = await createSealer([old]);
  const during = await createSealer([young, old]);
  const after = await createSealer([young]);
  const stored = objectStore(archives, js);
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));

  await sealedObjects(stored, BUCKET.archives, before).put("a", bytes);
  {
    await using secrets = await KvSecrets.open(access.secrets, before);
    await secrets.put("sign.a", "a secret");
  }
  await using triggers = await KvTriggers.open(kv, () => {});
  const hook = await makeTrigger(
    NewTrigger.parse({
      type: "webhook",
      name: "hook",
      provider: "github",
      secret: "a webhook's secret",
    }),
    crypto.randomUUID(),
    before,
    new Date(),
  );
  await triggers.create(hook.record);

  const sweep = async () => [
    await resealObjects(archives, BUCKET.archives, during),
    await resealValues(access.secrets, BUCKET.secrets, during),
    await resealTriggers(triggers, during),
  ];
  deepStrictEqual(
    await sweep(),
    Array(3).fill({ resealed: 1, unreadable: 0 }),
  );
  deepStrictEqual(
    await sweep(),
    Array(3).fill({ resealed: 0, unreadable: 0 }),
  );

  deepStrictEqual(
    await sealedObjects(stored, BUCKET.archives, after).get("a"),
    bytes,
  );
  await using secrets = await KvSecrets.open(access.secrets, after);
  strictEqual(await secrets.get("sign.a"), "a secret");
  const found = await triggers.find("hook");
  strictEqual(found?.type, "webhook");
  deepStrictEqual(await secretOpener(after)(found, Date.now()), [
    "a webhook's secret",
  ]);
});

Deno.test("what no key opens is counted, and left as it is", async () => {
  await using nats = await startTestNats();
  const { js, archives } = await bootstrap(nats.nc);
  const lost = await createSealer([newKey()]);
  const sealer = await createSealer([newKey(), newKey()]);
  const stored = objectStore(archives, js);
  await sealedObjects(stored, BUCKET.archives, lost).put(
    "a",
    new Uint8Array(9),
  );
  const before = await stored.get("a");
  deepStrictEqual(
    await resealObjects(archives, BUCKET.archives, sealer),
    { resealed: 0, unreadable: 1 },
  );
  deepStrictEqual(await stored.get("a"), before);
  await rejects(sealedObjects(stored, BUCKET.archives, sealer).get("a"), {
    code: "unavailable",
    hint: /seal\.key/,
  });
});
