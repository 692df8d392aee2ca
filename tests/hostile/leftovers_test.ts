/**
 * What a function leaves running after its answer, and the calls that come
 * after: in a reused sandbox it can spoil them, but not answer or log for them
 * unnoticed; in single-use sandboxes it is gone.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import type { LogLine } from "../../src/contracts/log.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { PATIENT, until } from "../support/until.ts";
import {
  LEFTOVER_DECLARATIONS,
  LEFTOVERS,
  NEXT_CALLS,
} from "./functions/leftovers.ts";
import { hostileProgram } from "./functions/program.ts";

const CALLS = 20;

Deno.test("what a call left running has no unnoticed part in later ones", async (t) => {
  await using stack = await startTestStack("podman", {
    ...PATIENT,
    OCHE_IDLE_MS: "600000",
  });
  const program = hostileProgram(
    [...LEFTOVERS, ...NEXT_CALLS],
    LEFTOVER_DECLARATIONS,
  );
  const response = await stack.deploy("left", program);
  strictEqual(response.status, 201, await response.text());

  for (const { id, it } of LEFTOVERS) {
    await t.step(`in a reused sandbox: ${it}`, async () => {
      await leave(stack, id);
      for (let count = 0; count < CALLS; count++) {
        await assertNoticed(stack);
      }
    });
  }

  await t.step("in a reused sandbox the next request can be read", async () => {
    strictEqual((await call(stack, "watch")).body, "watching");
    await until(async () => {
      await call(stack, "next", "NEXT SECRET");
      return (await call(stack, "seen")).body === true;
    });
  });

  const patched = await stack.call("PATCH", "/api/functions/left", {
    body: JSON.stringify({ isolation: "single-use" }),
  });
  strictEqual(patched.status, 200, await patched.text());
  // The one that is kept from before serves a last call.
  await call(stack, "next");

  for (const { id, it } of LEFTOVERS) {
    await t.step(`in single-use sandboxes: ${it}`, async () => {
      await leave(stack, id);
      for (let count = 0; count < 3; count++) {
        strictEqual(await assertNoticed(stack), "right");
      }
    });
  }

  await t.step("in single-use sandboxes no request is seen", async () => {
    strictEqual((await call(stack, "watch")).body, "watching");
    await call(stack, "next", "NEXT SECRET");
    strictEqual((await call(stack, "seen")).body, false);
  });
});

// deno-lint-ignore no-explicit-any -- An answer of any shape.
function call(stack: TestStack, id: string, body?: string): Promise<any> {
  return stack.invoke("left", { query: { case: id }, body });
}

/** It may forge its own answer; what was left before may spoil it. */
async function leave(stack: TestStack, id: string): Promise<void> {
  await until(async () => {
    const { body } = await call(stack, id);
    return body === "left" || body === "FORGED";
  });
}

/** The next call has its own answer and log, or a word that it has not. */
async function assertNoticed(stack: TestStack): Promise<"right" | "noticed"> {
  const secret = crypto.randomUUID();
  const answer = await call(stack, "next", secret);
  const logs: LogLine[] | undefined = answer.logs;
  ok(logs, answer.detail);
  for (const { message, metadata } of logs) {
    // What a process says is not taken for what its call says.
    ok(!message.includes("FORGED") || metadata?.["source"], message);
  }
  if (answer.statusCode === undefined) {
    // A writer empties the file before it writes: it may be read in between.
    match(answer.reason, /^(bad|no)_result$/, JSON.stringify(answer));
    return "noticed";
  }
  deepStrictEqual(answer.body, { "answer to": secret });
  const [line] = logs;
  if (line?.message === `log of ${secret}`) return "right";
  strictEqual(line?.level, "error");
  return "noticed";
}
