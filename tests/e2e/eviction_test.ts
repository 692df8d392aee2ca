/** Who gets a sandbox where there is no room for all, on each engine. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { LABEL } from "../../runtime/labels.ts";
import { ENGINES } from "../support/engines.ts";
import { plainFunction } from "../support/project.ts";
import { sandboxes, untilNoneIsKept } from "../support/sandboxes.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { PATIENT, until } from "../support/until.ts";

/** Tells how often its sandbox was called, and stays as long as it is told. */
const COUNTING = plainFunction(
  `
    count++;
    await Future.delayed(Duration(milliseconds: int.parse(request.query['ms'] ?? '0')));
    return CloudResponse.json(count);`,
  { members: "  static var count = 0;" },
);

const NAMES = ["a", "b", "c"];

/** A stack with the three functions, none of which has a sandbox yet. */
async function stackWith(
  engine: typeof ENGINES[number],
  env: Record<string, string>,
): Promise<TestStack> {
  const stack = await startTestStack(engine, {
    ...PATIENT,
    OCHE_PREWARMED: "0",
    ...env,
  });
  try {
    // That of the first deploy goes with its function.
    for (const name of ["first", ...NAMES]) {
      strictEqual((await stack.deploy(name, COUNTING)).status, 201);
    }
    const gone = await stack.call("DELETE", "/api/functions/first");
    strictEqual(gone.status, 204);
    await until(async () => (await sandboxes(stack)).length === 0);
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

async function counts(stack: TestStack, names: string): Promise<number[]> {
  const all: number[] = [];
  for (const name of names) all.push((await stack.invoke(name)).body);
  return all;
}

for (const engine of ENGINES) {
  Deno.test(`who was idle for longest makes room, and few wait, on ${engine}`, async (t) => {
    await using stack = await stackWith(engine, {
      OCHE_MAX_SANDBOXES: "2",
      OCHE_MAX_WAITING: "0",
    });

    await t.step("calls past the queue are told to come back", async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => stack.call("GET", "/fn/a?ms=500")),
      );
      await Promise.all(answers.map((each) => each.body?.cancel()));
      deepStrictEqual(
        answers.map(({ status }) => status).toSorted(),
        [200, 200, 429, 429, 429, 429],
      );
      const busy = answers.find(({ status }) => status === 429);
      strictEqual(busy?.headers.get("retry-after"), "1");
    });

    await t.step("a third function takes the place of the oldest", async () => {
      deepStrictEqual(await counts(stack, "b"), [1]);
      // It has one of its two yet.
      strictEqual((await stack.invoke("a")).start, "warm");
      deepStrictEqual(await counts(stack, "cbcb"), [1, 1, 2, 2]);
      strictEqual((await sandboxes(stack)).length, 2);
    });
  });

  Deno.test(`sandboxes keep within the memory budget and their idle time, on ${engine}`, async (t) => {
    await using stack = await stackWith(engine, {
      OCHE_FUNCTION_MEMORY_MB: "64",
      OCHE_MEMORY_BUDGET_MB: "128",
    });

    await t.step("of the budget there are two", async () => {
      deepStrictEqual(await counts(stack, "abacb"), [1, 1, 2, 1, 1]);
      strictEqual((await sandboxes(stack)).length, 2);
    });

    await t.step("one that nobody calls goes, another stays", async () => {
      const { id } = await (await stack.call("GET", "/api/functions/c")).json();
      await stack.call("PATCH", "/api/functions/c", { body: '{"idleMs":1}' });
      await untilNoneIsKept(
        stack,
        "c",
        ({ labels }) => labels[LABEL.function] === id,
      );
      deepStrictEqual(await counts(stack, "b"), [2]);
    });
  });
}
