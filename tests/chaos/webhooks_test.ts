/** Webhook deliveries while gateway, runtime and NATS are killed. */
import { deepStrictEqual, strictEqual } from "node:assert";
import {
  hasEnded,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { plainFunction } from "../support/project.ts";
import { report, seconds } from "../support/report.ts";
import { scaled } from "../support/scale.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { SECRETS, send } from "../support/webhooks.ts";
import {
  logCounts,
  many,
  recordsAtTheEnd,
  sendUntilAccepted,
} from "./support/accepted.ts";
import { startKiller } from "./support/killer.ts";

const COUNT = scaled(60, 1_000);
/** How often each program is killed at least. */
const ROUNDS = scaled(1, 8);
/** Of so many deliveries one is sent again after it was taken. */
const REDELIVERED = 4;
const PROGRAMS = ["gateway", "runtime", "nats"] as const;
/** Three ways to tell deliveries apart: a header, the body, a signed header. */
const PROVIDERS = ["github", "stripe", "standard"] as const;

/** Says each time that it runs, and is long enough to be killed in the midst. */
const TELLS = plainFunction(`
    final delivery = request.headers['oche-delivery'];
    print('ran $delivery ' + request.headers['oche-attempt'].toString());
    await Future.delayed(Duration(milliseconds: 100));
    return CloudResponse.json({'delivery': delivery});`);

async function prepare(stack: TestStack): Promise<void> {
  strictEqual((await stack.deploy("tells", TELLS)).status, 201);
  const changed = await stack.call("PATCH", "/api/functions/tells", {
    body: JSON.stringify({ retry: { maxAttempts: 50, initialDelayMs: 100 } }),
  });
  strictEqual(changed.status, 200);
  for (const provider of PROVIDERS) {
    const made = await stack.call("POST", "/api/functions/tells/triggers", {
      body: JSON.stringify({
        name: provider,
        type: "webhook",
        provider,
        secret: SECRETS[provider],
      }),
    });
    strictEqual(made.status, 201, await made.text());
  }
}

/** Delivers until it is taken. @returns the id of the invocation */
async function deliver(stack: TestStack, index: number): Promise<string> {
  const provider = PROVIDERS[index % PROVIDERS.length] ?? "github";
  const id = `delivery-${index}`;
  const response = await sendUntilAccepted(
    async () => {
      // Signed anew for each try, as senders do.
      const body = JSON.stringify({ id, type: "test" });
      const sent = await send(provider, body, { id });
      return await fetch(`${stack.url}/hooks/${provider}`, {
        method: "POST",
        headers: sent.headers,
        body: sent.body as BodyInit,
      });
    },
    ({ status }) => status >= 200 && status < 300,
  );
  const { invocationId } = await response.json();
  return invocationId;
}

Deno.test("no webhook delivery is lost or stuck while programs are killed; what runs twice says so", async () => {
  await using stack = await startTestStack("podman", {
    OCHE_ASYNC_CONCURRENCY: "3",
  });
  await prepare(stack);
  const begun = performance.now();
  const killer = startKiller(stack, { programs: PROGRAMS, pauseMs: 2_500 });
  const pace = { count: COUNT, atOnce: 8, pauseMs: 800 };
  let redelivered = 0;
  const ids = await many(pace, async (index) => {
    const id = await deliver(stack, index);
    if (index % REDELIVERED > 0) return id;
    redelivered++;
    strictEqual(await deliver(stack, index), id);
    return id;
  });
  await killer.rounds(ROUNDS);
  await killer.stop();

  const records = await recordsAtTheEnd(stack, "tells", ids);
  const runs = await logCounts(stack, "tells");
  const wrong = outcome(ids, records, runs);
  const repeated = Array.from(records.values())
    .filter(({ attempt }) => attempt > 1).length;
  report([
    `${ids.length} deliveries of ${PROVIDERS.join(", ")}`,
    `${redelivered} sent again after they were taken`,
    Array.from(killer.kills, ([name, times]) => `${name} -9 × ${times}`)
      .join(", "),
    `${wrong.lost.length} lost, ${wrong.stuck.length} stuck, ${wrong.failed.length} not successful, ${wrong.unmarked.length} unmarked duplicates`,
    `${repeated} run again with a new attempt`,
    seconds(performance.now() - begun),
  ]);
  strictEqual(new Set(ids).size, COUNT);
  strictEqual(records.size, COUNT);
  deepStrictEqual(wrong, { lost: [], stuck: [], failed: [], unmarked: [] });
});

function outcome(
  ids: readonly string[],
  records: ReadonlyMap<string, InvocationRecord>,
  runs: ReadonlyMap<string, number>,
) {
  const stateOf = (id: string) => records.get(id)?.state;
  return {
    lost: ids.filter((id) => stateOf(id) === undefined),
    stuck: ids.flatMap((id) => {
      const record = records.get(id);
      return record && !hasEnded(record.state) ? [record] : [];
    }),
    failed: ids.filter((id) => {
      const state = stateOf(id);
      return state !== undefined && hasEnded(state) && state !== "succeeded";
    }),
    // A line is a delivery and an attempt: two of them are two runs alike.
    unmarked: Array.from(runs).filter(([, times]) => times > 1),
  };
}
