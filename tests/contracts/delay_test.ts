import { ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { parseDelay, parseTime } from "../../src/contracts/delay.ts";
import { AppError } from "../../src/contracts/error.ts";

/** A number, or the refusal that it says on purpose. */
function outcome(read: (text: string) => number, text: string): number {
  try {
    return read(text);
  } catch (error) {
    ok(error instanceof AppError, String(error));
    strictEqual(error.code, "invalid");
    ok(error.hint);
    return 0;
  }
}

Deno.test("any text is a delay, a time, or refused by name", () => {
  const near = fc.stringMatching(/^[PT0-9DHMSW.:+Zz -]{0,30}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      for (const read of [parseDelay, parseTime]) {
        const ms = outcome(read, text);
        ok(Number.isFinite(ms) && Number.isSafeInteger(ms));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("parseDelay() reads every duration of weeks, days, hours, minutes and seconds", () => {
  const part = fc.integer({ min: 0, max: 999 });
  fc.assert(fc.property(part, part, part, part, part, (w, d, h, m, s) => {
    strictEqual(
      parseDelay(`P${w}W${d}DT${h}H${m}M${s}S`),
      ((((w * 7 + d) * 24 + h) * 60 + m) * 60 + s) * 1_000,
    );
  }));
});

Deno.test("parseDelay() refuses a number that no time is long enough for", () => {
  for (
    const text of [`P${"9".repeat(40)}W`, "9".repeat(20), "PT1.0000000001S"]
  ) {
    ok(outcome(parseDelay, text) === 0, text);
  }
});

Deno.test("parseTime() reads what Date writes", () => {
  const date = fc.date({
    min: new Date(0),
    max: new Date(Date.UTC(9999, 11, 31)),
    noInvalidDate: true,
  });
  fc.assert(fc.property(date, (at) => {
    strictEqual(parseTime(at.toISOString()), at.getTime());
    strictEqual(parseTime(String(at.getTime())), at.getTime());
  }));
});
