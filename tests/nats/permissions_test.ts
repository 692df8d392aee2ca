/** What each user of NATS may and may not, on the real server. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import type { NatsRole } from "../../src/contracts/nats_user.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { bootstrapAsync } from "../../src/nats/bootstrap_async.ts";
import { awaitStreams } from "../../src/nats/await_streams.ts";
import { STREAM } from "../../src/nats/subject.ts";
import { startNatsUsers } from "../support/nats_users.ts";

const TIMEOUT = { timeout: 20_000 };
const ASYNC = { recordMs: 1e6, deadMs: 1e6, maxQueued: 100 };

/** Whether the server complained: it does so before it answers the flush. */
async function isRefused(
  nc: NatsConnection,
  act: () => void | Promise<void>,
): Promise<boolean> {
  let refused = false;
  const status = nc.status();
  const heard = (async () => {
    for await (const event of status) {
      if (event.type === "error") refused = true;
    }
  })();
  await act();
  await nc.flush();
  (status as { stop?: () => void }).stop?.();
  await heard;
  return refused;
}

async function check(
  nc: NatsConnection,
  verb: "publish" | "subscribe",
  expected: "allowed" | "refused",
  subjects: string[],
): Promise<void> {
  const wrong: string[] = [];
  for (const subject of subjects) {
    const refused = await isRefused(nc, () => {
      if (verb === "publish") nc.publish(subject, "");
      else nc.subscribe(subject, { callback: () => {} });
    });
    if (refused !== (expected === "refused")) wrong.push(subject);
  }
  deepStrictEqual(wrong, [], `${verb} is not ${expected}`);
}

const ID = "a0000000-0000-4000-8000-000000000000";

const TABLE: Record<NatsRole, {
  publish: { allowed: string[]; refused: string[] };
  subscribe: { allowed: string[]; refused: string[] };
}> = {
  service: {
    publish: {
      allowed: ["functions.invoke.hello", `functions.invoke.${ID}`],
      refused: [
        `functions.deploy.${ID}`,
        "functions.validate",
        "functions.cancel",
        "functions.calls",
        `functions.async.${ID}.i`,
        `functions.log.${ID}.1`,
        "functions.event.dev.oche.x",
        "$KV.oche_functions.fn.x",
        "$KV.oche_secrets.sign.x",
        "$KV.oche_keys.key.x",
        "$O.oche_archives.M.x",
        "$JS.API.INFO",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.MSG.GET.KV_oche_secrets",
        "$JS.API.DIRECT.GET.KV_oche_functions.$KV.oche_functions.fn.x",
        "$JS.API.CONSUMER.CREATE.OCHE_LOG",
        "$JS.API.STREAM.CREATE.copy",
        "_INBOX.operator.1",
        "_INBOX_gateway.x.1",
        "orders.created",
        "$SYS.REQ.SERVER.PING",
      ],
    },
    subscribe: {
      allowed: ["_INBOX_service.x.*"],
      refused: [
        ">",
        "functions.>",
        "functions.invoke.*",
        `functions.log.${ID}.1`,
        "functions.event.>",
        "$KV.>",
        "_INBOX.>",
        "_INBOX_gateway.>",
        "_INBOX_runtime.>",
        "orders.created",
      ],
    },
  },
  runtime: {
    publish: {
      allowed: [
        `functions.log.${ID}.1`,
        `functions.build.${ID}.1`,
        "functions.event.dev.oche.x",
        `functions.async.${ID}.i`,
        `functions.dead.${ID}.i`,
        "$KV.oche_functions.fn.x",
        "_INBOX.operator.1",
        "_INBOX_gateway.x.1",
        "_INBOX_service.x.1",
        "orders.created",
      ],
      refused: [
        `functions.deploy.${ID}`,
        "functions.invoke.hello",
        "functions.validate",
        "functions.signature.x",
        "functions.attempt.c.1",
        "$KV.oche_keys.key.x",
        "$KV.oche_secrets.sign.x",
        "$JS.API.STREAM.MSG.GET.KV_oche_keys",
        "$JS.API.DIRECT.GET.KV_oche_secrets.$KV.oche_secrets.sign.x",
        "$JS.API.CONSUMER.CREATE.KV_oche_secrets",
        "$JS.API.STREAM.CREATE.copy",
        "$JS.API.STREAM.UPDATE.KV_oche_keys",
        "$JS.API.STREAM.DELETE.KV_oche_functions",
        "$JS.API.STREAM.INFO.KV_oche_keys",
        "$JS.API.CONSUMER.DURABLE.CREATE.KV_oche_secrets.x",
        "$JS.API.CONSUMER.CREATE.KV_oche_secrets.x.$KV.>",
        "$JS.API.CONSUMER.MSG.NEXT.OCHE_SIGNATURE.x",
        "_INBOX_runtime.x.1",
        "$SYS.REQ.SERVER.PING",
      ],
    },
    subscribe: {
      allowed: ["functions.invoke.*", "_INBOX_runtime.x.*", "$SRV.PING"],
      refused: [
        ">",
        "_INBOX.>",
        "_INBOX_gateway.>",
        "_INBOX_service.>",
        "$KV.oche_keys.>",
        "orders.created",
      ],
    },
  },
  gateway: {
    publish: {
      allowed: [
        `functions.deploy.${ID}`,
        "functions.invoke.hello",
        "$KV.oche_keys.key.x",
        "orders.created",
        "_INBOX.operator.1",
      ],
      refused: [
        `functions.log.${ID}.1`,
        `functions.build.${ID}.1`,
        "$KV.oche_runtimes.x",
        "$O.oche_artefacts.M.x",
        "$JS.API.STREAM.DELETE.KV_oche_functions",
        "$JS.API.STREAM.DELETE.OCHE_LOG",
        "_INBOX_runtime.x.1",
        "$SYS.REQ.SERVER.PING",
      ],
    },
    subscribe: {
      allowed: [
        "orders.created",
        "_INBOX_gateway.x.*",
        `functions.build.${ID}.1`,
      ],
      refused: [
        "functions.invoke.*",
        "functions.validate",
        "functions.deploy.*",
        "_INBOX.>",
        "_INBOX_runtime.>",
        "_INBOX_service.>",
        "$SYS.>",
      ],
    },
  },
};

for (const [role, { publish, subscribe }] of Object.entries(TABLE)) {
  Deno.test(`the ${role}'s user may what it needs, and nothing else of this list`, async () => {
    await using users = await startNatsUsers();
    const nc = await users.as(role as NatsRole);
    await check(nc, "publish", "allowed", publish.allowed);
    await check(nc, "publish", "refused", publish.refused);
    await check(nc, "subscribe", "allowed", subscribe.allowed);
    await check(nc, "subscribe", "refused", subscribe.refused);
  });
}

Deno.test("a gateway makes all streams; a runtime that came first waits for them, and uses them", async () => {
  await using users = await startNatsUsers();
  const waiting = users.as("runtime").then(async (nc) => {
    await awaitStreams(nc);
    return nc;
  });
  for (const role of ["gateway", "runtime"] as const) {
    const nc = role === "runtime" ? await waiting : await users.as(role);
    const refused = await isRefused(nc, async () => {
      const { js, functions, archives } = await bootstrap(nc);
      const { invocations } = await bootstrapAsync(nc, js, ASYNC);
      if (role === "gateway") await bootstrapAccess(js);
      for (const kv of [functions, invocations]) {
        await kv.put(`fn.${role}`, "{}");
        strictEqual((await kv.get(`fn.${role}`))?.string(), "{}");
      }
      await archives.putBlob({ name: role }, new Uint8Array(300_000));
      strictEqual((await archives.getBlob(role))?.length, 300_000);
    });
    ok(!refused, role);
  }
});

Deno.test("a runtime uses a stream that it would have otherwise, and may not change", async () => {
  await using users = await startNatsUsers();
  const gateway = await users.as("gateway");
  await bootstrap(gateway);
  const jsm = await jetstreamManager(gateway);
  await jsm.streams.update(STREAM.log, { max_bytes: 1_000_000 });
  const { functions } = await bootstrap(await users.as("runtime"));
  await functions.put("name.a", "{}");
  const { config } = await jsm.streams.info(STREAM.log);
  strictEqual(config.max_bytes, 1_000_000);
});

Deno.test("a service gets its answer, and hears nobody else's", async () => {
  await using users = await startNatsUsers();
  const runtime = await users.as("runtime");
  runtime.subscribe("functions.invoke.*", {
    callback: (_error, message) => void message.respond("answer"),
  });
  await runtime.flush();
  const service = await users.as("service");
  strictEqual(
    (await service.request("functions.invoke.hello", "{}", TIMEOUT)).string(),
    "answer",
  );
  const gateway = await users.as("gateway");
  const heard: string[] = [];
  for (const inbox of ["_INBOX_gateway.>", "_INBOX.>", ">"]) {
    service.subscribe(inbox, {
      callback: (error, { subject }) => {
        if (!error) heard.push(subject);
      },
    });
  }
  await service.flush();
  for (const nc of [gateway, users.nats.nc]) {
    strictEqual(
      (await nc.request("functions.invoke.hello", "{}", TIMEOUT)).string(),
      "answer",
    );
  }
  await service.flush();
  deepStrictEqual(heard, []);
});

Deno.test("services may be given subjects of their own", async () => {
  await using users = await startNatsUsers(["orders.>"]);
  const nc = await users.as("service");
  await check(nc, "publish", "allowed", ["orders.created"]);
  await check(nc, "subscribe", "allowed", ["orders.>"]);
  await check(nc, "publish", "refused", ["billing.created"]);
});
