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

/** The same program twice, called in sandboxes that are reused and not. */
const REUSED = "reused";
const SINGLE_USE = "single-use";

Deno.test("what a call left running has no unnoticed part in later ones", async (t) => {
  await using stack = await startTestStack("podman", {
    ...PATIENT,
    OCHE_IDLE_MS: "600000",
  });
  const program = hostileProgram(
    [...LEFTOVERS, ...NEXT_CALLS],
    LEFTOVER_DECLARATIONS,
  );
  for (const name of [REUSED, SINGLE_USE]) {
    const response = await stack.deploy(name, program);
    strictEqual(response.status, 201, await response.text());
  }
  await makeSingleUse(stack);

  for (const { id, it } of LEFTOVERS) {
    await t.step(`in a reused sandbox: ${it}`, async () => {
      await leave(stack, REUSED, id);
      for (let count = 0; count < CALLS; count++) {
        await assertNoticed(stack, REUSED);
      }
    });
  }

  await t.step("in a reused sandbox the next request can be read", async () => {
    // What was left before may spoil these, too.
    await until(async () =>
      (await call(stack, REUSED, "watch")).body === "watching"
    );
    await until(async () => {
      await call(stack, REUSED, "next", "NEXT SECRET");
      return (await call(stack, REUSED, "seen")).body === true;
    });
  });

  for (const { id, it } of LEFTOVERS) {
    await t.step(`in single-use sandboxes: ${it}`, async () => {
      await leave(stack, SINGLE_USE, id);
      for (let count = 0; count < 3; count++) {
        strictEqual(await assertNoticed(stack, SINGLE_USE), "right");
      }
    });
  }

  await t.step("in single-use sandboxes no request is seen", async () => {
    strictEqual((await call(stack, SINGLE_USE, "watch")).body, "watching");
    await call(stack, SINGLE_USE, "next", "NEXT SECRET");
    strictEqual((await call(stack, SINGLE_USE, "seen")).body, false);
  });
});

/** Resolves when the runtime has heard of it, and keeps no sandbox of it. */
async function makeSingleUse(stack: TestStack): Promise<void> {
  const patched = await stack.call("PATCH", `/api/functions/${SINGLE_USE}`, {
    body: JSON.stringify({ isolation: "single-use" }),
  });
  strictEqual(patched.status, 200, await patched.text());
  await until(async () => {
    await call(stack, SINGLE_USE, "mark");
    return (await call(stack, SINGLE_USE, "mark")).body === false;
  });
}

function call(
  stack: TestStack,
  name: string,
  id: string,
  body?: string,
  // deno-lint-ignore no-explicit-any -- An answer of any shape.
): Promise<any> {
  return stack.invoke(name, { query: { case: id }, body });
}

/** It may forge its own answer; what was left before may spoil it. */
async function leave(
  stack: TestStack,
  name: string,
  id: string,
): Promise<void> {
  await until(async () => {
    const { body } = await call(stack, name, id);
    return body === "left" || body === "FORGED";
  });
}

/** The next call has its own answer and log, or a word that it has not. */
async function assertNoticed(
  stack: TestStack,
  name: string,
): Promise<"right" | "noticed"> {
  const secret = crypto.randomUUID();
  const answer = await call(stack, name, "next", secret);
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
