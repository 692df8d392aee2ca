import { ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import {
  DEFAULT_RETRY,
  readRetryAfter,
  retryDelay,
  RetryPolicy,
} from "../../src/contracts/retry.ts";

Deno.test("retryDelay() grows by its factor up to its limit, and chance only shortens it", () => {
  const policy = { ...DEFAULT_RETRY, initialDelayMs: 100, maxDelayMs: 1_000 };
  strictEqual(retryDelay(policy, 1, 0), 100);
  strictEqual(retryDelay(policy, 2, 0), 200);
  strictEqual(retryDelay(policy, 4, 0), 800);
  strictEqual(retryDelay(policy, 5, 0), 1_000);
  strictEqual(retryDelay(policy, 1, 1), 50);
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 100 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 1, max: 10, noNaN: true }),
    (attempt, chance, factor) => {
      const delay = retryDelay({ ...policy, factor }, attempt, chance);
      const whole = retryDelay({ ...policy, factor }, attempt, 0);
      ok(Number.isInteger(delay));
      ok(delay <= whole && delay >= Math.floor(whole / 2) && whole <= 1_000);
    },
  ));
});

const NOW = Date.UTC(2026, 0, 1);

for (
  const [value, ms] of [
    ["7", 7_000],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["soon", 0],
    ["-5", 0],
    ["99999999999999", 0],
    [undefined, 0],
    [["7"], 0],
  ] as const
) {
  Deno.test(`Retry-After ${JSON.stringify(value)} is ${ms} ms`, () => {
    strictEqual(readRetryAfter(value, NOW), ms);
  });
}

for (
  const policy of [
    { maxAttempts: 0 },
    { maxAttempts: 101 },
    { initialDelayMs: -1 },
    { factor: 0.5 },
    { jitter: 2 },
    { on: ["6xx"] },
    { maxAgeMs: 8 * 86_400_000 },
    { tries: 3 },
  ]
) {
  Deno.test(`a retry policy ${JSON.stringify(policy)} is refused`, () => {
    throws(() => RetryPolicy.parse(policy));
  });
}
