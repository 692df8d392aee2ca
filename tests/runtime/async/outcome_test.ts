import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { lookAt } from "../../../runtime/async/look.ts";
import {
  begin,
  conclude,
  outcomeOf,
  postpone,
  refusalOf,
} from "../../../runtime/async/outcome.ts";
import { CloudResponse } from "../../../src/contracts/cloud.ts";
import { AppError } from "../../../src/contracts/error.ts";
import {
  hasEnded,
  INVOCATION_STATES,
  InvocationRecord,
} from "../../../src/contracts/invocation.ts";
import { DEFAULT_RETRY, RetryPolicy } from "../../../src/contracts/retry.ts";
import { replyOf } from "../../support/reply.ts";

const NOW = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

const QUEUED: InvocationRecord = {
  id: "i",
  functionId: "a0000000-0000-4000-8000-000000000000",
  state: "queued",
  attempt: 0,
  attempts: [],
  source: { type: "http" },
  createdAt: new Date(NOW).toISOString(),
};

const RUNNING = begin(QUEUED, "r1", NOW);

function answered(statusCode: number, headers = {}) {
  return {
    response: CloudResponse.parse({ statusCode, headers }),
    failure: statusCode >= 500 ? "5xx" as const : "429" as const,
  };
}

const AT = { policy: DEFAULT_RETRY, now: NOW, chance: 0 };

Deno.test("Retry-After of an answer is waited for, where it is longer than the policy's delay", () => {
  for (const [seconds, wait] of [["30", 30_000], ["0", 1_000]] as const) {
    const { state, notBefore } = conclude(
      RUNNING,
      answered(503, { "Retry-After": seconds }),
      AT,
    );
    strictEqual(state, "retrying");
    strictEqual(Date.parse(notBefore ?? "") - NOW, wait);
  }
});

Deno.test("no attempt starts later than the policy's maximum age", () => {
  const policy = { ...DEFAULT_RETRY, maxAgeMs: HOUR_MS };
  const late = conclude(RUNNING, answered(503, { "retry-after": "3601" }), {
    ...AT,
    policy,
  });
  deepStrictEqual([late.state, late.reason], ["dead", "expired"]);
  const delayed = begin(
    { ...QUEUED, firstDue: new Date(NOW + 10 * HOUR_MS).toISOString() },
    "r1",
    NOW + 10 * HOUR_MS,
  );
  const soon = conclude(delayed, answered(500), {
    ...AT,
    policy,
    now: NOW + 10 * HOUR_MS,
  });
  strictEqual(soon.state, "retrying");
});

Deno.test("a 429 is tried again only where the policy says so", () => {
  strictEqual(conclude(RUNNING, answered(429), AT).state, "failed");
  const policy = RetryPolicy.parse({ on: ["429"] });
  strictEqual(
    conclude(RUNNING, answered(429), { ...AT, policy }).state,
    "retrying",
  );
});

Deno.test("what never ran is no attempt, and expires", () => {
  const busy = refusalOf(new AppError("busy", "x", { retryAfter: 2 }));
  ok(busy);
  const back = postpone(RUNNING, busy, AT);
  deepStrictEqual([back.state, back.attempt, back.attempts], ["queued", 0, []]);
  strictEqual(Date.parse(back.notBefore ?? "") - NOW, 2_000);
  const later = { ...AT, now: NOW + 7 * HOUR_MS };
  strictEqual(postpone(RUNNING, busy, later).reason, "expired");
  strictEqual(refusalOf(new TypeError("x")), undefined);
});

Deno.test("a sandbox that cannot start is no attempt, one that dies is", () => {
  const came = (code: "unavailable" | "timeout" | "function_failed") =>
    outcomeOf(replyOf({ error: new AppError(code, "x") }));
  ok("postponedMs" in came("unavailable"));
  const failures = (["timeout", "function_failed"] as const).map((code) => {
    const outcome = came(code);
    return "failure" in outcome && outcome.failure;
  });
  deepStrictEqual(failures, ["timeout", "crash"]);
});

Deno.test("whatever happens, attempts are bounded, counted, and end", () => {
  const step = fc.constantFrom(200, 404, 429, 500, 503);
  const policies = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 40 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 45, maxLength: 45 }),
      policies,
      (statuses, change) => {
        const policy = RetryPolicy.parse({
          ...change,
          on: ["5xx", "429"],
          maxAgeMs: 86_400_000,
        });
        let record = QUEUED;
        for (const statusCode of statuses) {
          if (hasEnded(record.state)) break;
          record = begin(record, "r1", NOW);
          ok(record.attempt <= policy.maxAttempts);
          const failure = statusCode >= 500
            ? "5xx" as const
            : statusCode === 429
            ? "429" as const
            : statusCode >= 400
            ? "4xx" as const
            : undefined;
          record = conclude(record, {
            response: CloudResponse.parse({ statusCode }),
            failure,
          }, { policy, now: NOW, chance: 0.5 });
          InvocationRecord.parse(record);
        }
        ok(hasEnded(record.state));
        ok(record.attempts.length <= 20);
        strictEqual(record.attempts.at(-1)?.attempt, record.attempt);
      },
    ),
  );
});

const LOOKING = {
  runtimeId: "me",
  now: NOW,
  live: new Set(["me", "r1"]),
  silentSince: undefined,
};

Deno.test("what runs elsewhere is left alone while its runtime lives", () => {
  strictEqual(lookAt(RUNNING, LOOKING).kind, "wait");
});

Deno.test("a runtime is lost only when it was silent twice, some time apart", () => {
  const silent = { ...LOOKING, live: new Set(["me"]) };
  const first = lookAt(RUNNING, silent);
  strictEqual(first.kind, "suspect");
  const soon = { ...silent, silentSince: NOW - 1_000 };
  strictEqual(lookAt(RUNNING, soon).kind, "suspect");
  const later = { ...silent, silentSince: NOW - 6_000 };
  strictEqual(lookAt(RUNNING, later).kind, "lost");
});

Deno.test("lookAt() ends, waits or runs by state and time", () => {
  for (const state of INVOCATION_STATES) {
    const { kind } = lookAt({ ...QUEUED, state }, LOOKING);
    if (hasEnded(state)) strictEqual(kind, "ended");
  }
  const notBefore = new Date(NOW + 5).toISOString();
  deepStrictEqual(
    lookAt({ ...QUEUED, state: "retrying", notBefore }, LOOKING),
    { kind: "wait", until: NOW + 5 },
  );
  strictEqual(lookAt({ ...QUEUED, state: "retrying" }, LOOKING).kind, "run");
  const mine = begin(QUEUED, "me", NOW);
  strictEqual(lookAt(mine, LOOKING).kind, "resume");
});
