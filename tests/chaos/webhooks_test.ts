/** Webhook deliveries while gateway, runtime and NATS are killed. */
import { deepStrictEqual, strictEqual } from "node:assert";
import {
  hasEnded,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { report, seconds } from "../support/report.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { SECRETS, send } from "../support/webhooks.ts";
import {
  logCounts,
  recordsAtTheEnd,
  sendUntilAccepted,
} from "./support/accepted.ts";
import { allowAttempts, deployTelling, repeated } from "./support/telling.ts";
import { COUNT, whileKilled } from "./support/while_killed.ts";

/** Of so many deliveries one is sent again after it was taken. */
const REDELIVERED = 4;
/** Three ways to tell deliveries apart: a header, the body, a signed header. */
const PROVIDERS = ["github", "stripe", "standard"] as const;

async function prepare(stack: TestStack): Promise<void> {
  await deployTelling(stack, "tells", "request.headers['oche-delivery']");
  await allowAttempts(stack, "tells", 50);
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
  // A client that is cut off in its handshake leaves a rejection to nobody.
  await stack.nc.close();
  const begun = performance.now();
  let redelivered = 0;
  const pace = { atOnce: 8, pauseMs: 800 };
  const { results: ids, kills } = await whileKilled(
    stack,
    pace,
    async (index) => {
      const id = await deliver(stack, index);
      if (index % REDELIVERED > 0) return id;
      redelivered++;
      strictEqual(await deliver(stack, index), id);
      return id;
    },
  );

  const records = await recordsAtTheEnd(stack, "tells", ids);
  const runs = await logCounts(stack, "tells");
  const wrong = outcome(ids, records, runs);
  const again = Array.from(records.values())
    .filter(({ attempt }) => attempt > 1).length;
  report([
    `${ids.length} deliveries of ${PROVIDERS.join(", ")}`,
    `${redelivered} sent again after they were taken`,
    kills,
    `${wrong.lost.length} lost, ${wrong.stuck.length} stuck, ${wrong.failed.length} not successful, ${wrong.unmarked.length} unmarked duplicates`,
    `${again} run again with a new attempt`,
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
    unmarked: repeated(runs),
  };
}
