/** Accepted asynchronous invocations while gateway, runtime and NATS are killed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import {
  hasEnded,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { plainFunction } from "../support/project.ts";
import { report, seconds } from "../support/report.ts";
import { scaled } from "../support/scale.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
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
const PROGRAMS = ["gateway", "runtime", "nats"] as const;

/** Says each time that it runs, and is long enough to be killed in the midst. */
const TELLS = plainFunction(`
    final id = request.headers['oche-invocation-id'];
    print('ran $id ' + request.headers['oche-attempt'].toString());
    await Future.delayed(Duration(milliseconds: 100));
    return CloudResponse.json({'id': id});`);

async function configured(
  stack: TestStack,
  name: string,
  maxAttempts: number,
): Promise<void> {
  strictEqual((await stack.deploy(name, TELLS)).status, 201);
  const changed = await stack.call("PATCH", `/api/functions/${name}`, {
    body: JSON.stringify({ retry: { maxAttempts, initialDelayMs: 100 } }),
  });
  strictEqual(changed.status, 200);
}

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
  await configured(stack, "again", 50);
  await configured(stack, "once", 1);
  const begun = performance.now();
  const killer = startKiller(stack, { programs: PROGRAMS, pauseMs: 2_500 });
  const ids = { again: [] as string[], once: [] as string[] };
  const pace = { count: COUNT, atOnce: 8, pauseMs: 800 };
  await many(pace, async (index) => {
    const name = index % 5 === 0 ? "once" : "again";
    ids[name].push(await accepted(stack, name, index));
  });
  await killer.rounds(ROUNDS);
  await killer.stop();

  const all = new Map<string, InvocationRecord>();
  const runs = new Map<string, number>();
  for (const name of ["again", "once"] as const) {
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
  const unmarked = Array.from(runs).filter(([, times]) => times > 1);
  const repeated = count(all.values(), ({ attempt }) => attempt > 1);
  const dead = count(all.values(), ({ state }) => state === "dead");
  report([
    `${every.length} accepted invocations`,
    Array.from(killer.kills, ([name, times]) => `${name} -9 × ${times}`)
      .join(", "),
    `${lost.length} lost, ${stuck.length} stuck, ${unmarked.length} unmarked duplicates`,
    `${repeated} run again with a new attempt, ${dead} given up after their one`,
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
