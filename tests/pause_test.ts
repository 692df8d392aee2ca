import { ok } from "node:assert";
import { pause } from "../src/pause.ts";

const LONG_MS = 600_000;

Deno.test("pause() lasts as long as it is told", async () => {
  const begun = performance.now();
  await pause(30);
  // A timer may fire up to a millisecond early.
  ok(performance.now() - begun >= 29);
});

Deno.test("pause() ends at the signal, and at once after it", async () => {
  const stopping = new AbortController();
  const paused = pause(LONG_MS, stopping.signal);
  stopping.abort();
  await paused;
  await pause(LONG_MS, stopping.signal);
});
