/** More asked for than can be served, and a function that asks for all of it. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { ensurePackages } from "../../src/stack/install.ts";
import { silentProgress } from "../../src/stack/progress.ts";
import { plainFunction } from "../support/project.ts";
import { report } from "../support/report.ts";
import { scaled } from "../support/scale.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { memoryMbOf, pidsOf } from "./support/programs.ts";
import { load, type LoadResult } from "./load/wrk.ts";

const SANDBOXES = 4;
const RUN_MS = 50;
/** Calls a second that four sandboxes serve at 50 ms each. */
const CAPACITY = SANDBOXES * 1_000 / RUN_MS;

const WAITING = plainFunction(`
    await Future.delayed(const Duration(milliseconds: ${RUN_MS}));
    return CloudResponse.text('done');`);

const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Of gateway and runtime together, in MB. */
async function memoryOf(stack: TestStack): Promise<number> {
  const { gateway = 0, runtime = 0 } = await pidsOf(stack);
  return await memoryMbOf(gateway) + await memoryMbOf(runtime);
}

function assertHonest({ statuses }: LoadResult): void {
  const others = Object.keys(statuses)
    .filter((status) => !["200", "429", "503"].includes(status));
  deepStrictEqual(others, [], JSON.stringify(statuses));
}

Deno.test("overload", async (t) => {
  await ensurePackages(["wrk"], silentProgress);
  await using stack = await startTestStack("podman", {
    OCHE_MAX_SANDBOXES: String(SANDBOXES),
    // Beside so much load a start takes seconds.
    OCHE_WAIT_MS: "20000",
    OCHE_PREWARMED: "0",
  });
  for (const name of ["noisy", "quiet"]) {
    strictEqual((await stack.deploy(name, WAITING)).status, 201);
  }
  const { key } = stack;
  const url = `${stack.url}/fn/noisy`;
  const before = await pidsOf(stack);

  await t.step(
    "of any size is refused honestly, and what is accepted is not late",
    async () => {
      const seconds = scaled(5, 60);
      const alone = await load({
        url,
        key,
        connections: 1,
        seconds: scaled(3, 10),
      });
      for (const times of [2, 10]) {
        const connections = 16 * times;
        const pauseMs = Math.max(
          0,
          Math.round(1_000 * connections / (times * CAPACITY)) - RUN_MS,
        );
        const memory = await memoryOf(stack);
        const result = await load({ url, key, connections, seconds, pauseMs });
        const after = await memoryOf(stack);
        assertHonest(result);
        ok((result.statuses["200"] ?? 0) > 0);
        report([
          `overload ${times} ×, ${seconds} s`,
          JSON.stringify(result.statuses),
          `accepted p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`,
          `${(result.p99 / alone.p99).toFixed(1)} × the p99 alone (${
            ms(alone.p99)
          })`,
          `gateway + runtime ${memory.toFixed(0)} → ${after.toFixed(0)} MB`,
        ]);
      }
    },
  );

  await t.step("by one function does not starve another", async () => {
    const seconds = scaled(5, 30);
    const quiet = {
      url: `${stack.url}/fn/quiet`,
      key,
      connections: 1,
      seconds,
    };
    const alone = await load(quiet);
    const [noise, beside] = await Promise.all([
      load({ url, key, connections: 64, seconds: seconds + 2 }),
      load(quiet),
    ]);
    assertHonest(noise);
    deepStrictEqual(Object.keys(beside.statuses), ["200"]);
    report([
      "a quiet function beside a noisy one",
      `noisy ${JSON.stringify(noise.statuses)}`,
      `quiet ${JSON.stringify(beside.statuses)}`,
      `quiet p50 ${ms(beside.p50)}, p99 ${ms(beside.p99)}`,
      `alone p50 ${ms(alone.p50)}, p99 ${ms(alone.p99)}`,
    ]);
  });

  await t.step("ends no program", async () => {
    deepStrictEqual(await pidsOf(stack), before);
  });
});
