/** Progress, as it is written. */
import { match, rejects, strictEqual } from "node:assert";
import { createProgress, silentProgress } from "../../src/stack/progress.ts";

Deno.test("step() writes nothing of a quick step", async () => {
  let text = "";
  const progress = createProgress({ write: (t) => text += t, tty: false });
  strictEqual(await progress.step("Quick", () => Promise.resolve(1)), 1);
  strictEqual(await silentProgress.step("Quick", () => Promise.resolve(2)), 2);
  strictEqual(text, "");
});

Deno.test("step() writes plain lines: the start, a beat, the end", async () => {
  let text = "";
  const beaten = Promise.withResolvers<void>();
  const progress = createProgress({
    write: (t) => {
      text += t;
      if (text.includes("half way")) beaten.resolve();
    },
    tty: false,
    slowMs: 0,
    tickMs: 1,
    beatMs: 1,
  });
  await progress.step("Working", async (note) => {
    note("half way");
    await beaten.promise;
  });
  match(
    text,
    /^Working …\n(Working … [\d.]+ s: half way\n)+✓ Working \([\d.]+ s\)\n$/,
  );
});

Deno.test("step() keeps to one line of a terminal, also for steps side by side", async () => {
  let text = "";
  const seen = Promise.withResolvers<void>();
  const progress = createProgress({
    write: (t) => {
      text += t;
      if (t.includes("(and 1 more)")) seen.resolve();
    },
    tty: true,
    columns: () => 40,
    slowMs: 0,
    tickMs: 1,
  });
  await Promise.all([
    progress.step("First", (note) => {
      note("n".repeat(100));
      return seen.promise;
    }),
    progress.step("Second", () => seen.promise),
  ]);
  const drawn = text.replaceAll("\r\x1b[K", "<");
  for (const line of drawn.split(/[<\n]/)) {
    strictEqual(line.length < 40, true, line);
  }
  match(drawn, /<✓ First \([\d.]+ s\)\n<✓ Second \([\d.]+ s\)\n$/);
});

Deno.test("step() marks what failed and lets the error through", async () => {
  let text = "";
  const progress = createProgress({
    write: (t) => text += t,
    tty: false,
    slowMs: 0,
  });
  const failing = progress.step(
    "Failing",
    () => Promise.reject(new Error("no")),
  );
  await rejects(failing, /no/);
  match(text, /^✗ Failing \([\d.]+ s\)\n$/);
});
