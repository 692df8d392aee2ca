/** Sealed secrets and used signatures on a real NATS server. */
import { ok, rejects, strictEqual } from "node:assert";
import { createSealer } from "../../src/auth/sealing.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { STREAM } from "../../src/nats/subject.ts";
import { replayGuard } from "../../src/store/replays.ts";
import { KvSecrets } from "../../src/store/secrets.ts";
import { startTestNats } from "../support/nats_server.ts";

Deno.test("KvSecrets stores what nobody can read, and tells others of a change", async () => {
  await using nats = await startTestNats();
  const { js } = await bootstrap(nats.nc);
  const { secrets: kv } = await bootstrapAccess(js);
  const sealer = await createSealer([
    crypto.getRandomValues(new Uint8Array(32)),
  ]);
  await using here = await KvSecrets.open(kv, sealer);
  await using there = await KvSecrets.open(kv, sealer);
  await here.put("sign.a", "the first secret");
  strictEqual(await here.get("sign.a"), "the first secret");
  ok(!(await kv.get("sign.a"))?.string().includes("secret"));
  for (const secret of ["the first secret", "the second secret", undefined]) {
    if (secret === undefined) await here.remove("sign.a");
    else await here.put("sign.a", secret);
    const limit = Date.now() + 30_000;
    while (await there.get("sign.a") !== secret) {
      ok(Date.now() < limit, `${secret} never came`);
      await nats.nc.flush();
    }
  }
  // One that is moved opens nothing.
  await here.put("sign.a", "the first secret");
  await kv.put("sign.b", (await kv.get("sign.a"))?.value ?? "");
  await using again = await KvSecrets.open(kv, sealer);
  strictEqual(await again.get("sign.a"), "the first secret");
  await rejects(again.get("sign.b"), { code: "invalid" });
});

Deno.test("replayGuard() lets one of many through, over all gateways", async () => {
  await using nats = await startTestNats();
  const { js } = await bootstrap(nats.nc);
  await bootstrapAccess(js);
  const guards = [replayGuard(js), replayGuard(js)];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => guards[n % 2]?.first("one")),
  );
  strictEqual(answers.filter(Boolean).length, 1);
  strictEqual(await guards[0]?.first("another"), true);
});

Deno.test("replayGuard() that cannot remember more refuses, and forgets nothing", async () => {
  await using nats = await startTestNats();
  const { js } = await bootstrap(nats.nc);
  await bootstrapAccess(js);
  const jsm = await js.jetstreamManager();
  await jsm.streams.update(STREAM.signature, { max_msgs: 3 });
  const guard = replayGuard(js);
  for (const id of ["a", "b", "c"]) ok(await guard.first(id));
  await rejects(guard.first("d"), { code: "busy", retryAfter: 1 });
  for (const id of ["a", "b", "c"]) strictEqual(await guard.first(id), false);
});
