/** Hostile functions on real stacks: each is stopped where its row says, and the stack serves on. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import { ENGINES } from "../support/engines.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { PATIENT, until } from "../support/until.ts";
import { type HostileCase, isRefused } from "./functions/case.ts";
import { DEATHS } from "./functions/deaths.ts";
import { EXCHANGE } from "./functions/exchange.ts";
import { type HostListeners, hostListeners } from "./functions/listeners.ts";
import {
  assertNothingOf,
  callNeighbour,
  NEIGHBOUR,
} from "./functions/neighbour.ts";
import { OUTPUT } from "./functions/output.ts";
import { hostileProgram } from "./functions/program.ts";
import { RESOURCES } from "./functions/resources.ts";
import { HEADERS, RESULT_FILE } from "./functions/result_file.ts";
import { SURROUNDINGS } from "./functions/surroundings.ts";

const CASES: HostileCase[] = [
  ...RESULT_FILE,
  ...EXCHANGE,
  ...OUTPUT,
  ...DEATHS,
  ...SURROUNDINGS,
  ...RESOURCES,
];

Deno.test("the table of hostile functions has at least 40 rows, each one once", () => {
  ok(CASES.length >= 40, `${CASES.length}`);
  strictEqual(new Set(CASES.map(({ id }) => id)).size, CASES.length);
});

for (const engine of ENGINES) {
  Deno.test(`hostile functions on ${engine}`, async (t) => {
    let leftovers: string[] = [];
    {
      await using stack = await startTestStack(engine, PATIENT);
      await using listeners = await hostListeners([
        new URL(stack.url).port,
        stack.nc.getServer().split(":").at(-1) ?? "",
      ]);
      await deployBoth(stack);
      leftovers = [stack.installation, stack.home];
      for (const row of CASES) {
        if (engine !== "podman" && !row.byEngine) continue;
        await t.step(
          `it ${row.it}: ${row.wall}`,
          () => attack(stack, row, listeners),
        );
      }
      await t.step(
        "headers of a function do not frame or sign the answer",
        () => headers(stack),
      );
      await t.step(
        "nothing came to the host's listeners",
        () => deepStrictEqual(listeners.received, []),
      );
      await t.step(
        "a deleted function leaves nothing",
        () => leavesNothing(stack),
      );
    }
    await t.step("the stack leaves no mount behind", () => {
      const mounts = Deno.readTextFileSync("/proc/self/mountinfo");
      for (const name of leftovers) ok(!mounts.includes(name), name);
    });
  });
}

async function deployBoth(stack: TestStack): Promise<void> {
  for (
    const [name, files] of [
      ["hostile", hostileProgram([...CASES, HEADERS])],
      ["neighbour", NEIGHBOUR],
    ] as const
  ) {
    const response = await stack.deploy(name, files);
    strictEqual(response.status, 201, await response.text());
  }
}

async function attack(
  stack: TestStack,
  row: HostileCase,
  listeners: HostListeners,
): Promise<void> {
  for (let count = 0; count < (row.answered ?? 0); count++) {
    strictEqual((await stack.invoke("hostile")).body, "pong");
  }
  const before = await sandboxesOf(stack, "hostile");
  const secrets = [await callNeighbour(stack)];
  const attacked = stack.call("POST", "/api/functions/hostile/invoke", {
    body: JSON.stringify({
      query: {
        case: row.id,
        size: "16777216",
        ...listeners.query,
        paths: [stack.home, stack.engineSocket, ...HOST_PATHS].join(":"),
      },
    }),
    ...(row.deadlineMs !== undefined && {
      headers: { "oche-deadline": String(Date.now() + row.deadlineMs) },
    }),
  }).then((response) => response.json());
  if (row.hasNeighbour) secrets.push(await callNeighbour(stack));
  const answer = await attacked;
  expectAnswer(row, answer);
  assertNothingOf(secrets, answer);

  secrets.push(await callNeighbour(stack));
  if (row.spoilsNext) {
    const next = await stack.call("POST", "/api/functions/hostile/invoke", {
      headers: { "oche-deadline": String(Date.now() + 2_000) },
    });
    strictEqual((await next.json()).code, "timeout");
  }
  const pong = await stack.invoke("hostile");
  strictEqual(pong.body, "pong", pong.detail);
  assertNothingOf(secrets, pong);
  if (row.isReplaced) {
    await until(async () => {
      const now = await sandboxesOf(stack, "hostile");
      return before.every((name) => !now.includes(name));
    });
  } else strictEqual(pong.start, "warm");
}

const HOST_PATHS = [
  "/var/run/docker.sock",
  "/run/docker.sock",
  "/run/podman",
  "/run/oche",
  "/var/lib/docker",
  "/var/lib/containers",
  "/etc/shadow",
  "/root",
  "/home",
  "/work",
];

// deno-lint-ignore no-explicit-any -- An answer of any shape.
function expectAnswer(row: HostileCase, answer: any): void {
  const text = JSON.stringify(answer).slice(0, 2_000);
  if (isRefused(row.answer)) {
    strictEqual(answer.code, row.answer.code, text);
    strictEqual(answer.reason, row.answer.reason, text);
    if (row.answer.detail) match(answer.detail, row.answer.detail);
  } else {
    strictEqual(answer.statusCode, row.answer.statusCode, text);
    if ("body" in row.answer) deepStrictEqual(answer.body, row.answer.body);
  }
  const messages = answer.logs.map((line: { message: string }) => line.message);
  if (row.log) match(messages.join("\n"), row.log);
  row.check?.(answer);
}

async function headers(stack: TestStack): Promise<void> {
  const answer = await stack.call("GET", `/fn/hostile?case=${HEADERS.id}`);
  strictEqual(await answer.text(), "all of it");
  deepStrictEqual(answer.headers.getSetCookie(), ["a=1", "b=2; Path=/"]);
  strictEqual(answer.headers.get("x-own"), "kept");
  strictEqual(answer.headers.get("upgrade"), null);
  for (const [name, value] of answer.headers) {
    ok(!value.includes("FORGED"), name);
  }
}

/** Names of the containers that serve a function. */
async function sandboxesOf(stack: TestStack, name: string): Promise<string[]> {
  const { id } = await (await stack.call("GET", `/api/functions/${name}`))
    .json();
  const folder = `/run/oche/${stack.installation}/${id}`;
  const names: string[] = [];
  for (const version of folders(folder)) {
    names.push(...folders(`${folder}/${version}`));
  }
  return names;
}

function folders(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function leavesNothing(stack: TestStack): Promise<void> {
  const { id } = await (await stack.call("GET", "/api/functions/hostile"))
    .json();
  const names = await sandboxesOf(stack, "hostile");
  const { status } = await stack.call("DELETE", "/api/functions/hostile");
  strictEqual(status, 204);
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  await until(async () => {
    const left = await engine.list({
      [LABEL.installation]: stack.installation,
    });
    return left.every(({ name }) => !names.includes(name)) &&
      folders(`/run/oche/${stack.installation}/${id}`).length === 0 &&
      !(await Deno.readTextFile("/proc/self/mountinfo")).includes(id);
  });
}
