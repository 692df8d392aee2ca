/** Accepted asynchronous invocations while gateway, runtime and NATS are killed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import {
  hasEnded,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { report, seconds } from "../support/report.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import {
  logCounts,
  recordsAtTheEnd,
  sendUntilAccepted,
} from "./support/accepted.ts";
import { allowAttempts, deployTelling, repeated } from "./support/telling.ts";
import { COUNT, whileKilled } from "./support/while_killed.ts";

const NAMES = ["again", "once"] as const;
type Name = typeof NAMES[number];

/** Attempts that each function's invocations have. */
const ATTEMPTS: Record<Name, number> = { again: 50, once: 1 };
const ID = "request.headers['oche-invocation-id']";

async function accepted(
  stack: TestStack,
  name: string,
  index: number,
): Promise<string> {
  const response = await sendUntilAccepted(
    () =>
      stack.call("POST", `/fn/${name}`, {
        headers: {
          prefer: "respond-async",
          "idempotency-key": `${name}-${index}`,
        },
        body: String(index),
      }),
    ({ status }) => status === 202,
  );
  const { invocationId } = await response.json();
  return invocationId;
}

function count(
  records: Iterable<InvocationRecord>,
  is: (record: InvocationRecord) => boolean,
): number {
  return Array.from(records).filter(is).length;
}

Deno.test("no accepted invocation is lost or stuck while programs are killed; what runs twice says so", async () => {
  await using stack = await startTestStack("podman", {
    OCHE_ASYNC_CONCURRENCY: "3",
  });
  for (const name of NAMES) {
    await deployTelling(stack, name, ID);
    await allowAttempts(stack, name, ATTEMPTS[name]);
  }
  // A client that is cut off in its handshake leaves a rejection to nobody.
  await stack.nc.close();
  const begun = performance.now();
  const ids: Record<Name, string[]> = { again: [], once: [] };
  const pace = { atOnce: 8, pauseMs: 800 };
  const { kills } = await whileKilled(stack, pace, async (index) => {
    const name = index % 5 === 0 ? "once" : "again";
    ids[name].push(await accepted(stack, name, index));
  });

  const all = new Map<string, InvocationRecord>();
  const runs = new Map<string, number>();
  for (const name of NAMES) {
    const records = await recordsAtTheEnd(stack, name, ids[name]);
    for (const [id, record] of records) all.set(id, record);
    for (const [line, times] of await logCounts(stack, name)) {
      runs.set(line, times);
    }
  }
  const every = [...ids.again, ...ids.once];
  const lost = every.filter((id) => !all.has(id));
  const stuck = every.filter((id) => {
    const record = all.get(id);
    return record && !hasEnded(record.state);
  });
  const unmarked = repeated(runs);
  const again = count(all.values(), ({ attempt }) => attempt > 1);
  const dead = count(all.values(), ({ state }) => state === "dead");
  report([
    `${every.length} accepted invocations`,
    kills,
    `${lost.length} lost, ${stuck.length} stuck, ${unmarked.length} unmarked duplicates`,
    `${again} run again with a new attempt, ${dead} given up after their one`,
    seconds(performance.now() - begun),
  ]);
  strictEqual(new Set(every).size, COUNT);
  deepStrictEqual({ lost, stuck, unmarked }, {
    lost: [],
    stuck: [],
    unmarked: [],
  });
  for (const id of ids.again) strictEqual(all.get(id)?.state, "succeeded", id);
  for (const id of ids.once) {
    const record = all.get(id);
    ok(record?.state === "succeeded" || record?.state === "dead", id);
    strictEqual(record.attempt, 1);
    strictEqual(record.attempts.length, 1);
  }
});
