import { rejects, strictEqual } from "node:assert";
import { retry } from "../src/retry.ts";

/** Fails so many times, then answers with the number of its tries. */
function failing(times: number): () => Promise<number> {
  let tries = 0;
  return () => {
    tries++;
    return tries > times
      ? Promise.resolve(tries)
      : Promise.reject(new Error(`try ${tries}`));
  };
}

Deno.test("retry() tries until it succeeds", async () => {
  strictEqual(await retry(failing(0), { pauseMs: 1 }), 1);
  strictEqual(await retry(failing(5), { pauseMs: 1 }), 6);
});

Deno.test("retry() pauses after each failure", async () => {
  const begun = performance.now();
  await retry(failing(3), { pauseMs: 20 });
  // A timer may fire up to a millisecond early.
  strictEqual(performance.now() - begun >= 57, true);
});

Deno.test("retry() throws the last error when the tries are used up", async () => {
  const options = { pauseMs: 1, maxTries: 3 };
  strictEqual(await retry(failing(2), options), 3);
  await rejects(retry(failing(3), options), { message: "try 3" });
});

Deno.test("retry() throws at once what another try would not mend", async () => {
  const retryIf = (error: unknown) =>
    error instanceof Error && error.message !== "try 2";
  await rejects(retry(failing(9), { pauseMs: 1, retryIf }), {
    message: "try 2",
  });
});
