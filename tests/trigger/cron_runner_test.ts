import { deepStrictEqual, ok, strictEqual } from "node:assert";
import type { CronStates } from "../../src/contracts/cron.ts";
import { type LifecycleEvent, silentSink } from "../../src/contracts/event.ts";
import { CronTrigger } from "../../src/contracts/trigger.ts";
import { createLogger } from "../../src/log.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { cronStates } from "../../src/store/cron_states.ts";
import { CronRunner } from "../../src/trigger/cron_runner.ts";
import { type ManualClock, manualClock } from "../support/manual_clock.ts";
import { startTestNats, type TestNats } from "../support/nats_server.ts";
import { type Submissions, submissions } from "../support/submissions.ts";
import { memoryTriggers } from "../support/triggers.ts";
import { until } from "../support/until.ts";

const START = "2026-05-01T12:00:00.000Z";
const MINUTE = 60_000;

let nats: TestNats;
let states: CronStates;

Deno.test.beforeAll(async () => {
  nats = await startTestNats();
  const { js, cron } = await bootstrap(nats.nc);
  states = cronStates(cron, await js.jetstreamManager());
});
Deno.test.afterAll(async () => await nats[Symbol.asyncDispose]());

interface World {
  clock: ManualClock;
  async: Submissions;
  events: LifecycleEvent[];
  record: CronTrigger;
  triggers: ReturnType<typeof memoryTriggers>;
  /** Another gateway. */
  gateway(clock?: ManualClock): CronRunner;
  /** Goes on by so much, and waits until every gateway has looked. */
  pass(ms: number): Promise<void>;
  /** Minutes after the start that were run. */
  minutes(): number[];
}

/** A trigger at every minute, and gateways on one real bucket. */
async function world(settings: Partial<CronTrigger>): Promise<World> {
  const clock = manualClock(START);
  const async = submissions();
  const events: LifecycleEvent[] = [];
  const triggers = memoryTriggers();
  const record = CronTrigger.parse({
    id: crypto.randomUUID(),
    functionId: crypto.randomUUID(),
    name: "tick",
    type: "cron",
    expression: "* * * * *",
    createdAt: START,
    updatedAt: START,
    ...settings,
  });
  await triggers.create(record);
  let running = 0;
  return {
    clock,
    async,
    events,
    record,
    triggers,
    gateway(own = clock) {
      const runner = new CronRunner({
        triggers,
        async,
        states,
        events: { ...silentSink, emit: (event) => events.push(event) },
        clock: own,
        log: createLogger(() => {}),
        gatewayId: `gateway-${++running}`,
      });
      const dispose = runner[Symbol.asyncDispose].bind(runner);
      runner[Symbol.asyncDispose] = async () => {
        running--;
        await dispose();
      };
      return runner;
    },
    async pass(ms) {
      await until(() => clock.waiting() === running);
      clock.set(clock.now() + ms);
      await until(() => clock.waiting() === running);
    },
    minutes: () =>
      async.taken.map(({ request }) =>
        (Date.parse(request.headers["oche-scheduled-at"] ?? "") -
          Date.parse(START)) / MINUTE
      ),
  };
}

Deno.test("a trigger fires at each of its times, with its name and the time", async () => {
  const { pass, async, record, gateway, events, minutes } = await world({});
  await using _gateway = gateway();
  for (let second = 0; second < 130; second += 10) await pass(10_000);
  deepStrictEqual(minutes(), [1, 2]);
  const [first] = async.taken;
  ok(first);
  deepStrictEqual(first.source, { type: "cron", trigger: record.id });
  deepStrictEqual(first.request.body, {
    trigger: "tick",
    scheduledAt: "2026-05-01T12:01:00.000Z",
    timeZone: "UTC",
  });
  strictEqual(first.request.headers["oche-trigger"], "tick");
  deepStrictEqual(
    events.map(({ type, data }) => [type, data["invocationId"]]),
    async.taken.map(({ invocationId }) => ["trigger.fired", invocationId]),
  );
});

Deno.test("a body of its own goes to the function", async () => {
  const { pass, async, gateway } = await world({ body: { report: "daily" } });
  await using _gateway = gateway();
  await pass(MINUTE);
  deepStrictEqual(async.taken[0]?.request.body, { report: "daily" });
});

Deno.test("three gateways fire each time once", async () => {
  const { pass, async, gateway, minutes } = await world({});
  await using _one = gateway();
  await using _two = gateway();
  await using _three = gateway();
  for (let minute = 0; minute < 5; minute++) {
    await pass(MINUTE);
    // Whoever lost the race looks again.
    await pass(1_000);
  }
  deepStrictEqual(minutes(), [1, 2, 3, 4, 5]);
  strictEqual(async.duplicates, 0);
});

Deno.test("what a gateway claimed and died over, another one hands over", async () => {
  const { pass, clock, async, record, gateway, minutes } = await world({});
  await states.write(record.id, {
    settled: clock.now() + MINUTE,
    waiting: [clock.now() + MINUTE],
    claim: { by: "dead", until: clock.now() + MINUTE + 15_000 },
  }, undefined);
  clock.set(clock.now() + MINUTE + 100);
  await using _gateway = gateway();
  await pass(1_000);
  deepStrictEqual(minutes(), []);
  await pass(15_000);
  deepStrictEqual(minutes(), [1]);
  strictEqual(async.duplicates, 0);
});

Deno.test("what was handed over before its gateway died does not run again", async () => {
  const { pass, clock, async, record, gateway, minutes } = await world({});
  {
    await using _gateway = gateway();
    await pass(MINUTE);
    deepStrictEqual(minutes(), [1]);
  }
  // As it was just before the end of the first gateway: submitted, not noted.
  const stored = await states.read(record.id);
  const time = Date.parse(START) + MINUTE;
  await states.write(
    record.id,
    { settled: time, waiting: [time] },
    stored?.revision,
  );
  clock.set(clock.now() + 1_000);
  await using _gateway = gateway();
  await pass(1_000);
  deepStrictEqual([minutes(), async.duplicates], [[1], 1]);
});

for (
  const [missed, expected] of [
    ["skip", [1]],
    ["once", [1, 180]],
    ["all", [1, ...Array.from({ length: 100 }, (_, at) => 81 + at)]],
  ] as const
) {
  Deno.test(`missed: ${missed}, over a restart that takes hours`, async () => {
    const { pass, clock, gateway, minutes } = await world({ missed });
    {
      await using _gateway = gateway();
      await pass(MINUTE);
    }
    clock.set(Date.parse(START) + 180 * MINUTE + 45_000);
    await using _gateway = gateway();
    await pass(1_000);
    deepStrictEqual(minutes(), expected);
    await pass(15_000);
    deepStrictEqual(minutes(), [...expected, 181]);
  });
}

Deno.test("overlap: allow runs both, skip drops the second, queue keeps it until the first ended", async () => {
  for (
    const [overlap, during, after] of [
      ["allow", [1, 2], [1, 2]],
      ["skip", [1], [1]],
      ["queue", [1], [1, 2]],
    ] as const
  ) {
    const { pass, async, gateway, events, minutes } = await world({ overlap });
    await using _gateway = gateway();
    await pass(MINUTE);
    await pass(MINUTE);
    deepStrictEqual(minutes(), during, overlap);
    async.end(async.taken[0]?.invocationId ?? "", "succeeded");
    for (let look = 0; look < 3; look++) await pass(1_000);
    deepStrictEqual(minutes(), after, overlap);
    strictEqual(
      events.filter(({ type }) => type === "trigger.skipped").length,
      overlap === "skip" ? 1 : 0,
    );
  }
});

Deno.test("a clock set forward, back and forward again fires no storm and nothing twice", async () => {
  const { pass, clock, async, gateway, minutes } = await world({
    missed: "once",
  });
  await using _gateway = gateway();
  await pass(MINUTE);
  await pass(30 * 24 * 60 * MINUTE);
  strictEqual(minutes().length, 2);
  await until(() => clock.waiting() === 1);
  clock.set(Date.parse(START) + 2 * MINUTE);
  // A timer of the time before sleeps on; it looks within its bound.
  await pass(30 * 24 * 60 * MINUTE);
  ok(minutes().length <= 3);
  strictEqual(new Set(minutes()).size, minutes().length);
  strictEqual(async.duplicates, 0);
});

Deno.test("without NATS or with a full queue, what is due stays due", async () => {
  const { pass, async, gateway, minutes } = await world({});
  await using _gateway = gateway();
  async.failure = new Error("broken");
  await pass(MINUTE);
  deepStrictEqual(minutes(), []);
  async.failure = undefined;
  await pass(2_000);
  deepStrictEqual(minutes(), [1]);
});

Deno.test("a paused trigger fires nothing, and makes up for nothing when it goes on", async () => {
  const { pass, clock, triggers, gateway, minutes } = await world({
    missed: "all",
  });
  await using _gateway = gateway();
  await pass(MINUTE);
  await triggers.update("tick", (record) => ({ ...record, enabled: false }));
  for (let minute = 0; minute < 3; minute++) await pass(MINUTE);
  deepStrictEqual(minutes(), [1]);
  const updatedAt = new Date(clock.now()).toISOString();
  await triggers.remove("tick");
  await triggers.create(
    CronTrigger.parse({
      id: crypto.randomUUID(),
      functionId: crypto.randomUUID(),
      name: "tick",
      type: "cron",
      expression: "* * * * *",
      createdAt: updatedAt,
      updatedAt,
    }),
  );
  await pass(MINUTE);
  deepStrictEqual(minutes(), [1, 5]);
});

Deno.test("a removed trigger leaves nothing behind", async () => {
  const { pass, record, triggers, gateway } = await world({});
  await using _gateway = gateway();
  await pass(MINUTE);
  ok(await states.read(record.id));
  await triggers.remove("tick");
  await until(async () => await states.read(record.id) === undefined);
  const gone = crypto.randomUUID();
  await states.write(gone, { settled: 0, waiting: [] }, undefined);
  await using _other = gateway();
  await until(async () => await states.read(gone) === undefined);
});
