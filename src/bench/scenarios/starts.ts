/** Calls that need a sandbox: prewarmed, single-use from stock, cold, frozen. */
import { AppError } from "../../contracts/error.ts";
import { BenchClient } from "../client.ts";
import { atMost, ms, type Row } from "../row.ts";
import { summarize } from "../stats.ts";
import {
  api,
  BODY,
  deploy,
  echoArchive,
  functionImage,
  pause,
  type Target,
} from "../target.ts";
import { wrk, type WrkResult } from "../wrk.ts";

const MAX_STOCK_MS = 15;
const MAX_PREWARMED_MS = 60;
const MAX_THAW_MS = 10;
const MAX_COLD_RATIO = 1.4;
/** For the stock to be filled again, in milliseconds. */
const REFILL_MS = 600;
/** For each first call that a sandbox waited for. */
const MAX_TRIES = 5;

/** First calls of versions that never ran. @returns the row, and its p50 */
export async function prewarmedRow(
  target: Target,
  count: number,
): Promise<{ row: Row; p50: number }> {
  // The same content was tried before: no sandbox is left of its deploy.
  const archive = await echoArchive();
  await deploy(target, "never-0", archive);
  using client = await BenchClient.open(target.url, target.key);
  const samples: number[] = [];
  for (let index = 1; samples.length < count; index++) {
    if (index > MAX_TRIES * count) throw noneWaited();
    await deploy(target, `never-${index}`, archive);
    await pause(REFILL_MS);
    const answer = await client.post(`/fn/never-${index}`, BODY);
    if (answer.headers.includes("oche-start: prewarmed")) {
      samples.push(answer.ms);
    }
    await api(target, "DELETE", `/api/functions/never-${index}`);
  }
  const { p50, p95 } = summarize(samples);
  return {
    p50,
    row: {
      figure:
        `first call of a never-run version, prewarmed (${samples.length})`,
      target: `≤ ${MAX_PREWARMED_MS} ms`,
      measured: `${ms(p50)} (p95 ${ms(p95)})`,
      floor: "",
      ratio: undefined,
      isMet: p50 <= MAX_PREWARMED_MS,
      samples,
    },
  };
}

function noneWaited(): AppError {
  return new AppError("timeout", "Cannot measure: no sandbox waited in time");
}

export async function singleUseRows(
  target: Target,
  { count, seconds, runs }: { count: number; seconds: number; runs: number },
): Promise<Row[]> {
  await deploy(target, "once", await echoArchive());
  await api(
    target,
    "PATCH",
    "/api/functions/once",
    JSON.stringify({ isolation: "single-use", minWarm: 2 }),
  );
  await pause(REFILL_MS);
  using client = await BenchClient.open(target.url, target.key);
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    samples.push((await client.post("/fn/once", BODY)).ms);
    await pause(REFILL_MS);
  }
  const { p50, p95 } = summarize(samples);
  const load = await wrk({
    url: `${target.url}/fn/once`,
    key: target.key,
    body: BODY,
    connections: 4,
    seconds,
  });
  await api(target, "DELETE", "/api/functions/once");
  await pause(REFILL_MS);
  return [
    {
      figure: `single-use, stock ready, p50 (${samples.length})`,
      target: `≤ ${MAX_STOCK_MS} ms`,
      measured: `${ms(p50)} (p95 ${ms(p95)})`,
      floor: "",
      ratio: undefined,
      isMet: p50 <= MAX_STOCK_MS,
      samples,
    },
    await sustained(target, load, runs),
  ];
}

/** Fresh sandboxes for each second, against what the engine itself does. */
async function sustained(
  target: Target,
  { rps, errors }: WrkResult,
  runs: number,
): Promise<Row> {
  const { perSecond: engineRate } = await engineRun(target, 2 * runs, 2);
  return {
    figure: "single-use sustained, c=4 (wrk)",
    target: "≥ the engine's own rate",
    measured: `${rps.toFixed(1)} calls/s`,
    floor: `${engineRate.toFixed(1)}/s engine create, start, end, remove; c=2`,
    ratio: rps / engineRate,
    isMet: rps >= engineRate && errors === 0,
  };
}

/** On a stack that prewarms nothing. */
export async function coldRow(target: Target, count: number): Promise<Row> {
  await deploy(target, "cold", await echoArchive());
  await api(
    target,
    "PATCH",
    "/api/functions/cold",
    JSON.stringify({ idleMs: 1 }),
  );
  using client = await BenchClient.open(target.url, target.key);
  await client.post("/fn/cold", BODY);
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    await pause(REFILL_MS / 2);
    const answer = await client.post("/fn/cold", BODY);
    if (answer.headers.includes("oche-start: cold")) samples.push(answer.ms);
  }
  const { each } = await engineRun(target, count, 1);
  return atMost(
    `cold p50, nothing prewarmed (${samples.length})`,
    MAX_COLD_RATIO,
    summarize(samples).p50,
    { value: each, what: "engine create, start, VM boot and end" },
    samples,
  );
}

/**
 * The same image through the engine alone: until its end in milliseconds, and
 * how many come and go in a second, their removal included.
 */
async function engineRun(
  { engine, installation }: Target,
  count: number,
  workers: number,
): Promise<{ each: number; perSecond: number }> {
  const image = await functionImage({ engine, installation });
  const samples: number[] = [];
  const started = performance.now();
  let left = count;
  async function work(worker: number): Promise<void> {
    while (left-- > 0) {
      const begun = performance.now();
      const id = await engine.create({
        name: `oche-bench-${worker}-${crypto.randomUUID().slice(0, 8)}`,
        image,
        // Nothing that a janitor of ours would take for its own.
        labels: { "oche.bench": installation },
        workingDir: "/tmp",
        binds: [],
        memoryBytes: 72 * 1024 * 1024,
        cpus: navigator.hardwareConcurrency,
        pidsLimit: 64,
        user: "65532:65532",
        network: "none",
        tmpfs: { "/tmp": "rw,size=1m,mode=1777" },
        readOnlyRoot: true,
        ulimits: { nofile: 256, core: 0 },
      });
      try {
        await engine.attach(id, () => {});
        await engine.start(id);
        await engine.waitExit(id);
        samples.push(performance.now() - begun);
      } finally {
        await engine.remove(id);
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, at) => work(at)));
  const seconds = (performance.now() - started) / 1_000;
  return { each: summarize(samples).p50, perSecond: count / seconds };
}

/** On a stack that freezes what is idle for `freezeMs`. */
export async function thawRow(
  target: Target,
  { count, freezeMs }: { count: number; freezeMs: number },
): Promise<Row> {
  await deploy(target, "thaw", await echoArchive());
  using client = await BenchClient.open(target.url, target.key);
  for (let index = 0; index < 200; index++) await client.post("/fn/thaw", BODY);
  async function after(idleMs: number): Promise<number[]> {
    const samples: number[] = [];
    for (let index = 0; index < count; index++) {
      await pause(idleMs);
      samples.push((await client.post("/fn/thaw", BODY)).ms);
    }
    return samples;
  }
  const warm = summarize(await after(freezeMs / 4)).p50;
  const samples = await after(freezeMs * 2);
  const thawed = summarize(samples).p50;
  return {
    figure: `thaw of a frozen sandbox (${count})`,
    target: `≤ ${MAX_THAW_MS} ms over a warm call`,
    measured: `${ms(thawed - warm)} over`,
    floor: `${ms(warm)} warm call after a pause`,
    ratio: undefined,
    isMet: thawed - warm <= MAX_THAW_MS,
    samples,
  };
}
