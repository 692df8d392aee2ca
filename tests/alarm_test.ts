import { deepStrictEqual, strictEqual } from "node:assert";
import { clearAlarm, setAlarm } from "../src/alarm.ts";

Deno.test("alarms ring in the order of their times, once", async () => {
  const rung: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  setAlarm(200, () => {
    rung.push("late");
    resolve();
  });
  setAlarm(1, () => rung.push("early"));
  setAlarm(-5, () => rung.push("past"));
  await promise;
  deepStrictEqual(rung.toSorted(), ["early", "late", "past"]);
  strictEqual(rung.at(-1), "late");
});

Deno.test("alarms that are due at once ring in the order of their times", async () => {
  const rung: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const dueAt = performance.now() + 25;
  setAlarm(20, () => {
    rung.push("last");
    resolve();
  });
  setAlarm(5, () => rung.push("second"));
  setAlarm(1, () => rung.push("first"));
  while (performance.now() < dueAt) { /* All are due. */ }
  await promise;
  deepStrictEqual(rung, ["first", "second", "last"]);
});

Deno.test("an alarm that is cleared does not ring, the others do", async () => {
  const rung: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = setAlarm(1, () => rung.push("first"));
  setAlarm(2, resolve);
  clearAlarm(first);
  clearAlarm(first);
  clearAlarm(undefined);
  await promise;
  deepStrictEqual(rung, []);
});

Deno.test("an alarm may clear another that is due, and set a new one", async () => {
  const rung: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  setAlarm(1, () => {
    clearAlarm(other);
    setAlarm(1, resolve);
  });
  const other = setAlarm(1, () => rung.push("other"));
  const until = performance.now() + 5;
  while (performance.now() < until) { /* Both are due. */ }
  await promise;
  deepStrictEqual(rung, []);
});

Deno.test("a process whose alarms are all cleared ends", async () => {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-lock",
      `import { clearAlarm, setAlarm } from "${new URL(
        "../src/alarm.ts",
        import.meta.url,
      )}"; clearAlarm(setAlarm(3_600_000, () => {}));`,
    ],
  }).output();
  strictEqual(code, 0);
});
