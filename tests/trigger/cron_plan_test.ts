import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type CronPlan,
  type CronRules,
  LATE_MS,
  MAX_MISSED,
  planCron,
  SET_BACK_MS,
  startOf,
} from "../../src/trigger/cron_plan.ts";
import { readSchedule } from "../../src/trigger/schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse("2026-05-01T12:00:00Z");
const EVERY_MINUTE = readSchedule("* * * * *", "UTC");
const ID = "7f1b7e0e-6b5c-4f7e-9a55-0a8f6b2f1c11";

function plan(
  missed: CronRules["missed"],
  settled: number,
  now: number,
  jitterMs = 0,
): CronPlan {
  return planCron(EVERY_MINUTE, { id: ID, missed, jitterMs }, settled, now);
}

Deno.test("nothing is due before the next time", () => {
  deepStrictEqual(plan("all", START, START + MINUTE - 1), {
    run: [],
    settled: START,
    wakeAt: START + MINUTE,
  });
});

Deno.test("a time that comes runs once, whatever the policy for missed ones", () => {
  for (const missed of ["skip", "once", "all"] as const) {
    const due = START + MINUTE;
    const first = plan(missed, START, due + 20);
    deepStrictEqual(first, {
      run: [due],
      settled: due,
      wakeAt: due + MINUTE,
    });
    deepStrictEqual(plan(missed, first.settled, due + 30).run, []);
  }
});

Deno.test("after hours away: skip runs none, once the newest, all each of them", () => {
  const now = START + 3 * HOUR + LATE_MS + 1;
  deepStrictEqual(plan("skip", START, now).run, []);
  deepStrictEqual(plan("once", START, now).run, [START + 3 * HOUR]);
  const all = plan("all", START + 2 * HOUR, now);
  strictEqual(all.run.length, 60);
  deepStrictEqual(all.run.toSorted((a, b) => a - b), all.run);
  for (const missed of ["skip", "once", "all"] as const) {
    strictEqual(plan(missed, START, now).settled, START + 3 * HOUR);
  }
});

Deno.test("all is bounded, and keeps the newest", () => {
  const now = START + 24 * HOUR;
  const { run } = plan("all", START, now);
  strictEqual(run.length, MAX_MISSED);
  strictEqual(run.at(-1), now);
});

Deno.test("a time that comes right after an absence is not missed", () => {
  const now = START + HOUR + 5;
  deepStrictEqual(plan("skip", START, now).run, [START + HOUR]);
});

Deno.test("a clock that is set back fires nothing again, and goes on once far back", () => {
  const little = plan("all", START, START - SET_BACK_MS);
  deepStrictEqual([little.run, little.settled], [[], START]);
  strictEqual(little.wakeAt, START + MINUTE);
  const far = START - 30 * 24 * HOUR;
  deepStrictEqual(plan("all", START, far), {
    run: [],
    settled: far,
    wakeAt: far + MINUTE,
  });
});

Deno.test("jitter delays each time by its own, and never past the next", () => {
  const jitterMs = 10 * MINUTE;
  const rules = { id: ID, missed: "all", jitterMs } as const;
  const delays = new Set<number>();
  for (let minute = 1; minute <= 50; minute++) {
    const time = START + minute * MINUTE;
    const start = startOf(EVERY_MINUTE, rules, time);
    ok(start >= time && start < time + MINUTE);
    delays.add(start - time);
    deepStrictEqual(plan("skip", time - MINUTE, start - 1, jitterMs).run, []);
    deepStrictEqual(plan("skip", time - MINUTE, start, jitterMs).run, [time]);
  }
  ok(delays.size > 40);
});

Deno.test("property: however the clock goes, no time runs twice and never a storm", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 * MINUTE }) },
    { weight: 1, arbitrary: fc.integer({ min: -SET_BACK_MS, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 * 24 * HOUR }) },
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom("skip", "once", "all" as const),
      fc.constantFrom(0, 5_000, 600_000),
      (steps, missed, jitterMs) => {
        let now = START;
        let settled = START;
        const ran: number[] = [];
        for (const each of steps) {
          now += each;
          const made = plan(missed, settled, now, jitterMs);
          ok(made.run.length <= (missed === "all" ? MAX_MISSED : 1));
          ok(made.run.every((time) => time <= now && time > settled));
          ran.push(...made.run);
          settled = made.settled;
        }
        // Only a clock that went back by more than the bound begins anew.
        const farBack = steps.some((each) => each < 0);
        if (!farBack) strictEqual(new Set(ran).size, ran.length);
      },
    ),
  );
});
