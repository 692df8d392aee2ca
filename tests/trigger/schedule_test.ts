import { deepStrictEqual, ok, throws } from "node:assert";
import fc from "fast-check";
import { AppError } from "../../src/contracts/error.ts";
import { nextTimes, readSchedule } from "../../src/trigger/schedule.ts";

function times(
  expression: string,
  timeZone: string,
  after: string,
  count: number,
): string[] {
  return nextTimes(readSchedule(expression, timeZone), Date.parse(after), count)
    .map((time) => new Date(time).toISOString().replace(".000", ""));
}

function refusal(expression: string, timeZone = "UTC"): AppError {
  let thrown: unknown;
  throws(() => readSchedule(expression, timeZone), (error) => {
    thrown = error;
    return error instanceof AppError && error.code === "invalid";
  });
  return AppError.from(thrown);
}

Deno.test("five fields count minutes, six count seconds", () => {
  deepStrictEqual(times("*/20 * * * *", "UTC", "2026-01-01T00:00:00Z", 3), [
    "2026-01-01T00:20:00Z",
    "2026-01-01T00:40:00Z",
    "2026-01-01T01:00:00Z",
  ]);
  deepStrictEqual(times("*/20 * * * * *", "UTC", "2026-01-01T00:00:10Z", 3), [
    "2026-01-01T00:00:20Z",
    "2026-01-01T00:00:40Z",
    "2026-01-01T00:01:00Z",
  ]);
});

Deno.test("days of the week have names and numbers, and 7 is Sunday", () => {
  const named = times("0 9 * * MON-FRI", "UTC", "2026-01-02T10:00:00Z", 2);
  deepStrictEqual(named, ["2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z"]);
  deepStrictEqual(
    times("0 9 * * 7", "UTC", "2026-01-02T10:00:00Z", 1),
    times("0 9 * * SUN", "UTC", "2026-01-02T10:00:00Z", 1),
  );
});

Deno.test("a day of month and a day of week together mean either, as in crontab", () => {
  deepStrictEqual(times("0 0 13 * FRI", "UTC", "2026-01-01T00:00:00Z", 4), [
    "2026-01-02T00:00:00Z",
    "2026-01-09T00:00:00Z",
    "2026-01-13T00:00:00Z",
    "2026-01-16T00:00:00Z",
  ]);
});

Deno.test("February 29 comes in leap years, and 2100 is none", () => {
  deepStrictEqual(times("0 12 29 2 *", "UTC", "2026-03-01T00:00:00Z", 2), [
    "2028-02-29T12:00:00Z",
    "2032-02-29T12:00:00Z",
  ]);
  deepStrictEqual(times("0 12 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), [
    "2104-02-29T12:00:00Z",
  ]);
});

Deno.test("Berlin, March: a time in the gap comes right after it", () => {
  // 02:00 CET becomes 03:00 CEST at 01:00 UTC.
  deepStrictEqual(
    times("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
    ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
  );
  deepStrictEqual(
    times("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:10:00Z", 4),
    [
      "2026-03-29T00:30:00Z",
      "2026-03-29T01:00:00Z",
      "2026-03-29T01:30:00Z",
      "2026-03-29T02:00:00Z",
    ],
  );
});

Deno.test("Berlin, October: a daily time comes once, a repeated one each time", () => {
  // 03:00 CEST becomes 02:00 CET at 01:00 UTC.
  deepStrictEqual(
    times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
    ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
  );
  deepStrictEqual(
    times("30 * * * *", "Europe/Berlin", "2026-10-24T23:40:00Z", 3),
    ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"],
  );
});

Deno.test("Berlin, October: asked within the second 02:xx, what ran in the first is over", () => {
  deepStrictEqual(
    times("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1),
    ["2026-10-26T01:30:00Z"],
  );
});

Deno.test("New York, March: a time in the gap comes right after it", () => {
  // 02:00 EST becomes 03:00 EDT at 07:00 UTC.
  deepStrictEqual(
    times("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2),
    ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"],
  );
  deepStrictEqual(
    times("0 * * * *", "America/New_York", "2026-03-08T05:30:00Z", 3),
    ["2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"],
  );
});

Deno.test("New York, November: a daily time comes once, a repeated one each time", () => {
  // 02:00 EDT becomes 01:00 EST at 06:00 UTC.
  deepStrictEqual(
    times("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2),
    ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
  );
  deepStrictEqual(
    times("0 * * * *", "America/New_York", "2026-11-01T04:30:00Z", 3),
    ["2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"],
  );
});

Deno.test("an error names the field", () => {
  for (
    const [expression, field] of [
      ["61 * * * *", 'field 1, minute, is "61"'],
      ["* 24 * * *", 'field 2, hour, is "24"'],
      ["* * 32 * *", 'field 3, day of month, is "32"'],
      ["* * * 13 *", 'field 4, month, is "13"'],
      ["* * * * 8", 'field 5, day of week, is "8"'],
      ["60 * * * * *", 'field 1, second, is "60"'],
      ["* * * * XYZ *", 'field 5, month, is "XYZ"'],
      ["*/0 * * * *", 'field 1, minute, is "*/0"'],
      ["30-10 * * * *", 'field 1, minute, is "30-10"'],
    ] as const
  ) {
    const { message, hint } = refusal(expression);
    ok(message.includes(field), message);
    ok(hint);
  }
});

Deno.test("other than five or six fields are refused", () => {
  for (const [text, count] of [["", 0], ["* * *", 3], ["* * * * * * *", 7]]) {
    ok(refusal(String(text)).message.endsWith(`it has ${count} fields`));
  }
});

Deno.test("a day that never comes is refused", () => {
  ok(refusal("0 0 30 2 *").message.endsWith("no day matches it"));
});

Deno.test("a time zone that is not known is refused", () => {
  deepStrictEqual(
    refusal("* * * * *", "Mars/Olympus").message,
    'Cannot find the time zone "Mars/Olympus"',
  );
});

Deno.test("property: times only go forward, and agree with each other from anywhere, forward and back", () => {
  const expression = fc.constantFrom(
    "*/7 * * * *",
    "30 2 * * *",
    "15,45 1-3 * * *",
    "0 */2 * * *",
    "*/13 * * * * *",
    "0 0 * * MON",
    "0 3 29 2 *",
  );
  const zone = fc.constantFrom(
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
  );
  // The hours around the changes of 2026, and the whole of the year.
  const start = fc.oneof(
    fc.integer({ min: 1_767_225_600, max: 1_798_761_599 }),
    fc.constantFrom(1_774_746_000, 1_792_890_000, 1_772_953_200, 1_793_512_800)
      .chain((change) => fc.integer({ min: change - 9e3, max: change + 9e3 })),
  );
  fc.assert(
    fc.property(expression, zone, start, fc.nat(3_600), (text, tz, at, gap) => {
      const schedule = readSchedule(text, tz);
      const after = at * 1000;
      const [first = 0, second = 0] = nextTimes(schedule, after, 2);
      ok(first > after && second > first);
      // No time between the two that asking from elsewhere would find.
      const between = Math.min(first + gap * 1000, second - 1);
      deepStrictEqual(schedule.next(between), second);
      deepStrictEqual(schedule.last(second, 2), [first, second]);
      deepStrictEqual(schedule.last(second + 999, 1), [second]);
      deepStrictEqual(schedule.last(second - 1, 1), [first]);
    }),
    { numRuns: 500 },
  );
});
