/** Every part killed, ended and stopped at every stage of a call and a deploy. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import { type EngineName, ENGINES } from "../support/engines.ts";
import { report, seconds } from "../support/report.ts";
import { scaled } from "../support/scale.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import {
  type Fault,
  FAULTS,
  hurt,
  type Part,
  PROGRAMS,
} from "./faults/parts.ts";
import {
  deployForStages,
  exchangeDirectories,
  type Stage,
  STAGES,
} from "./faults/stages.ts";

interface Case {
  part: Part;
  fault: Fault;
  stage: Stage;
}

/** What a call or deploy may come to, by the part that was hurt. */
const TRUTHFUL: Record<Part, RegExp> = {
  gateway: /^(200|lost|503 unavailable|ready)$/,
  runtime: /^(200|503 unavailable|504 timeout|ready)$/,
  nats: /^(200|503 unavailable|504 timeout|ready)$/,
  engine: /^(200|503 unavailable|504 timeout|ready)$/,
  // Nobody told the runtime: to it the kernel may have killed the sandbox.
  sandbox:
    /^(200|502 function_failed (crash|oom)|504 timeout|503 unavailable|ready)$/,
};

function cases(): Case[] {
  const parts: Part[] = [...PROGRAMS, "sandbox"];
  const all = parts.flatMap((part) =>
    FAULTS.flatMap((fault) =>
      STAGES.filter(({ name }) => part !== "sandbox" || name === "call running")
        .map((stage) => ({ part, fault, stage }))
    )
  );
  const few = all.filter(({ part, fault, stage: { name } }) =>
    fault === "SIGKILL" && ["call running", "deploy: build"].includes(name) ||
    fault === "SIGSTOP" && part === "runtime" && name === "call running"
  );
  return scaled(few, all);
}

/** How long until a healthy function answers, in milliseconds. */
async function servesAgain(stack: TestStack): Promise<number> {
  const begun = performance.now();
  await until(async () => {
    const answer = await stack.call("GET", "/fn/slow?token=again")
      .catch(() => undefined);
    return await answer?.text().catch(() => "") === "again";
  });
  return performance.now() - begun;
}

/** Containers of runtimes that are gone, and directories of no container. */
async function orphans(stack: TestStack): Promise<string[]> {
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  const containers = await engine.list({
    [LABEL.installation]: stack.installation,
  });
  const runtimes = new Set(
    containers.map(({ labels }) => labels[LABEL.runtime]),
  );
  const owned = new Set(containers.map(({ name }) => name));
  const directories = (await exchangeDirectories(stack))
    .filter((path) => !owned.has(path.slice(path.lastIndexOf("/") + 1)));
  return [...Array.from(runtimes).slice(1).map(String), ...directories];
}

async function strike(
  stack: TestStack,
  engine: EngineName,
  { part, fault, stage }: Case,
): Promise<void> {
  const work = await stage.reach(stack);
  await hurt(stack, part, fault);
  const ms = await servesAgain(stack);
  const outcome = await work.ended;
  report([engine, `${part} ${fault}`, stage.name, outcome, seconds(ms)]);
  match(outcome, TRUTHFUL[part]);
}

for (const engine of ENGINES) {
  Deno.test(`parts hurt at every stage, on ${engine}`, async (t) => {
    await using stack = await startTestStack(engine, { OCHE_PREWARMED: "0" });
    await deployForStages(stack);
    for (const each of cases()) {
      const { part, fault, stage } = each;
      await t.step(
        `${part} ${fault}, ${stage.name}`,
        () => strike(stack, engine, each),
      );
    }
    await t.step("nothing of dead owners stays", async () => {
      const begun = performance.now();
      await until(async () => (await orphans(stack)).length === 0, 120_000);
      deepStrictEqual(await orphans(stack), []);
      const ms = performance.now() - begun;
      report([engine, "all of these", "after", "nothing left", seconds(ms)]);
    });
    await t.step("what is deployed still answers", async () => {
      const answer = await stack.call("GET", "/fn/slow?token=end");
      strictEqual(await answer.text(), "end");
    });
  });
}
