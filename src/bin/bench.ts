/** `./oche bench`: stacks of its own, measured against floors in the same run. */
import { asJson, asPage, asTable } from "../bench/report.ts";
import type { Row } from "../bench/row.ts";
import { deployRows, redeployRow } from "../bench/scenarios/deploys.ts";
import { perCallRows } from "../bench/scenarios/engine_cli.ts";
import {
  callWarm,
  deployMany,
  FEW,
  idleRows,
  inTurns,
  manyFunctionsRow,
  removeAllButMany,
  restartRow,
} from "../bench/scenarios/scale.ts";
import {
  coldRow,
  prewarmedRow,
  singleUseRows,
  thawRow,
} from "../bench/scenarios/starts.ts";
import { warmRows } from "../bench/scenarios/warm.ts";
import { webhookRows } from "../bench/scenarios/webhooks.ts";
import { ensurePackages } from "../stack/install.ts";
import type { Progress } from "../stack/progress.ts";
import { provision } from "../stack/provision.ts";
import { endStacks, withStack } from "./bench_stack.ts";
import { startFloors } from "./bench_wire.ts";
import { endOnInterrupt } from "./interrupt.ts";

export interface BenchOptions {
  root: string;
  cache: string;
  /** As OCHE_ENGINE. */
  engine: string;
  quick: boolean;
  /** Where the JSON and the page go. */
  out: string;
  progress: Progress;
  write(text: string): void;
}

const FREEZE_MS = 200;

/** @returns the exit code: 0 when every row was measured */
export async function runBench(options: BenchOptions): Promise<number> {
  const { root, cache, quick, out, progress, write } = options;
  const sizes = quick ? QUICK : FULL;
  await ensurePackages(["wrk"], progress);
  const { natsServer } = await provision({ cache, nats: true }, progress);
  const home = await Deno.makeTempDir({ prefix: "oche-bench-" });
  using _interrupt = endOnInterrupt(async () => {
    await endStacks();
    await Deno.remove(home, { recursive: true });
  });
  const rows: Row[] = [];
  let about: Record<string, string> = {};
  try {
    const measure = async (what: string, work: () => Promise<Row[]>) => {
      rows.push(...await progress.step(`Measuring ${what}`, work));
    };
    await withStack(options, home, {}, async (target, info) => {
      about = info;
      let warm = NaN;
      let prewarmed = NaN;
      await measure("deploys", () => deployRows(target, sizes.deploys));
      await measure("warm calls and webhooks", async () => {
        await using floors = await startFloors(
          root,
          `${home}/floor`,
          natsServer,
        );
        const result = await warmRows(target, floors, sizes);
        warm = result.p50;
        return [
          ...result.rows,
          ...await webhookRows(floors.webhooks, sizes),
        ];
      });
      await measure("first calls", async () => {
        const { row, p50 } = await prewarmedRow(target, sizes.calls);
        prewarmed = p50;
        return [row];
      });
      await measure(
        "single-use",
        () => singleUseRows(target, { count: sizes.calls, ...sizes }),
      );
      await measure(
        "redeploys under load",
        async () => [await redeployRow(target, sizes.redeploys)],
      );
      await measure(
        "a container for each call",
        () => perCallRows(target, { warm, prewarmed }, sizes.runs),
      );
      await deployMany(target, 0, FEW);
      await removeAllButMany(target);
    });
    await scale(options, home, sizes, measure);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
  const report = { about, rows };
  await Deno.mkdir(out, { recursive: true });
  const name = `${out}/bench-${about["engine"]?.split(" ")[0] ?? "unknown"}`;
  await Deno.writeTextFile(`${name}.json`, asJson(report));
  await Deno.writeTextFile(`${name}.html`, asPage(report));
  write(`${asTable(report)}\nWritten to ${name}.json and ${name}.html\n`);
  return 0;
}

type Measure = (what: string, work: () => Promise<Row[]>) => Promise<void>;

/** @param home Of a stack that has `FEW` functions, and what they need. */
async function scale(
  options: BenchOptions,
  home: string,
  sizes: Sizes,
  measure: Measure,
): Promise<void> {
  const env = {
    OCHE_MAX_SANDBOXES: String(sizes.idle + 16),
    OCHE_MEMORY_BUDGET_MB: "100000",
    OCHE_PREWARMED: "0",
    OCHE_FREEZE_MS: String(FREEZE_MS),
  };
  let fewUp = NaN;
  let few = NaN;
  await withStack(options, home, env, async (target, _info, up) => {
    fewUp = up;
    await measure(
      "cold calls",
      async () => [await coldRow(target, sizes.calls)],
    );
    await measure("thaws", async () => [
      await thawRow(target, { count: sizes.calls, freezeMs: FREEZE_MS }),
    ]);
    await removeAllButMany(target);
    if (!sizes.inTurns) few = await callWarm(target, sizes.loops);
    await measure(`deploys of ${sizes.functions} functions`, async () => {
      await deployMany(target, FEW, sizes.functions);
      return [];
    });
  });
  await withStack(options, home, env, async (target, _info, up) => {
    await measure(`${sizes.functions} functions`, async () => {
      const restart = restartRow(fewUp, up, sizes.functions);
      if (!sizes.inTurns) {
        const many = await callWarm(target, sizes.loops);
        return [manyFunctionsRow({ many, few }, sizes.functions), restart];
      }
      let row: Row | undefined;
      await withStack(options, `${home}/few`, env, async (other) => {
        await deployMany(other, 0, FEW);
        const pair = await inTurns(target, other, sizes);
        row = manyFunctionsRow(pair, sizes.functions);
      });
      return row ? [row, restart] : [restart];
    });
    await measure("idle sandboxes", () => idleRows(target, sizes.idle));
  });
}

interface Sizes {
  rounds: number;
  warmUps: number;
  seconds: number;
  loops: number;
  calls: number;
  deploys: number;
  redeploys: number;
  runs: number;
  functions: number;
  /** Whether many functions are held against few by two stacks at once. */
  inTurns: boolean;
  windows: number;
  idle: number;
}

const QUICK: Sizes = {
  rounds: 1,
  warmUps: 0,
  seconds: 1,
  loops: 200,
  calls: 3,
  deploys: 1,
  redeploys: 1,
  runs: 2,
  functions: 20,
  inTurns: false,
  windows: 1,
  idle: 3,
};

const FULL: Sizes = {
  rounds: 5,
  warmUps: 3,
  seconds: 4,
  loops: 1_500,
  calls: 20,
  deploys: 3,
  redeploys: 4,
  runs: 10,
  functions: 1_000,
  inTurns: true,
  windows: 7,
  idle: 100,
};
