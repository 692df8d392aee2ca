/** Many functions, many idle sandboxes. */
import { z } from "zod";
import { BenchClient } from "../client.ts";
import { atMost, type Row } from "../row.ts";
import { middle, summarize } from "../stats.ts";
import {
  api,
  BODY,
  deploy,
  echoArchive,
  pause,
  type Target,
} from "../target.ts";

const MAX_P50_RATIO = 1.1;
const MAX_PSS_MB = 25;
/** Until the last one that was called is frozen, in milliseconds. */
const FREEZE_ALL_MS = 800;
const CPU_SECONDS = 1;
/** So many of the functions are called. */
export const FEW = 10;

/** How their names begin. */
const MANY = "many-";
const FunctionNames = z.object({
  functions: z.array(z.object({ name: z.string() })),
});

/** Functions `many-<from>` up to but not `many-<to>`, of one content. */
export async function deployMany(
  target: Target,
  from: number,
  to: number,
): Promise<void> {
  const archive = await echoArchive();
  for (let index = from; index < to; index++) {
    await deploy(target, `${MANY}${index}`, archive);
  }
}

/** Of what other scenarios deployed nothing is left. */
export async function removeAllButMany(target: Target): Promise<void> {
  const { functions } = FunctionNames.parse(
    await api(target, "GET", "/api/functions"),
  );
  for (const { name } of functions) {
    if (name.startsWith(MANY)) continue;
    await api(target, "DELETE", `/api/functions/${name}`);
  }
}

/** A warm p50, in milliseconds. */
interface ManyAndFew {
  many: number;
  few: number;
}

/**
 * The same few functions of a stack that holds many, and of one that holds no
 * more, in turns.
 *
 * @param windows Of calls; the pair with the median ratio counts.
 */
export async function inTurns(
  target: Target,
  other: Target,
  { windows, loops }: { windows: number; loops: number },
): Promise<ManyAndFew> {
  const pairs: ManyAndFew[] = [];
  // The first is for warming up.
  for (let window = 0; window <= windows; window++) {
    pairs.push({
      few: await callFew(other, loops),
      many: await callFew(target, loops),
    });
  }
  return middle(pairs.slice(1), ({ many, few }) => many / few);
}

export function manyFunctionsRow(
  { many, few }: ManyAndFew,
  count: number,
): Row {
  return atMost(
    `warm p50 of ${FEW} functions with ${count} deployed`,
    MAX_P50_RATIO,
    many,
    { value: few, what: `with ${FEW} deployed` },
  );
}

/** As `callFew`, after as many calls that do not count. */
export async function callWarm(target: Target, calls: number): Promise<number> {
  await callFew(target, calls);
  return await callFew(target, calls);
}

/** The few, one after the other. @returns their p50, in milliseconds */
async function callFew(target: Target, calls: number): Promise<number> {
  using client = await BenchClient.open(target.url, target.key);
  const samples: number[] = [];
  for (let call = 0; call < calls; call++) {
    const { ms } = await client.post(`/fn/${MANY}${call % FEW}`, BODY);
    samples.push(ms);
  }
  return summarize(samples).p50;
}

/** On a stack that may hold so many, and freezes at once. */
export async function idleRows(target: Target, count: number): Promise<Row[]> {
  const archive = await echoArchive();
  using client = await BenchClient.open(target.url, target.key);
  for (let index = 0; index < count; index++) {
    await deploy(target, `idle-${index}`, archive);
    await client.post(`/fn/idle-${index}`, BODY);
  }
  await pause(FREEZE_ALL_MS);
  const ids = (await target.engine.list({
    "oche.installation": target.installation,
    "oche.role": "sandbox",
  })).filter(({ labels }) => labels["oche.function"] ?? labels["oche.role"])
    .map(({ id }) => id);
  const before = measure(ids);
  await pause(CPU_SECONDS * 1_000);
  const after = measure(ids);
  const inside = before.insideKb / Math.max(1, ids.length) / 1024;
  const beside = before.besideKb / Math.max(1, ids.length) / 1024;
  const ticks = after.ticks - before.ticks;
  return [{
    figure: `${ids.length} warm idle sandboxes, PSS each`,
    target: `≤ ${MAX_PSS_MB} MB inside`,
    measured: `${inside.toFixed(1)} MB; CPU in ${CPU_SECONDS} s when frozen: ${
      ticks * 10
    } ms`,
    floor: `${beside.toFixed(1)} MB beside it: the engine's monitor`,
    ratio: undefined,
    isMet: inside <= MAX_PSS_MB && ticks === 0,
  }];
}

interface Usage {
  insideKb: number;
  besideKb: number;
  ticks: number;
}

/** Processes in the containers' cgroups, and those that name a container. */
function measure(ids: string[]): Usage {
  const usage: Usage = { insideKb: 0, besideKb: 0, ticks: 0 };
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const cgroup = read(`/proc/${name}/cgroup`);
    const command = read(`/proc/${name}/cmdline`);
    if (command === "") continue;
    if (ids.some((id) => cgroup.includes(id)) && !/conmon|shim/.test(command)) {
      usage.insideKb += pss(name);
      const fields = read(`/proc/${name}/stat`).split(") ").at(-1)?.split(" ");
      usage.ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
    } else if (ids.some((id) => command.includes(id))) {
      usage.besideKb += pss(name);
    }
  }
  return usage;
}

function pss(pid: string): number {
  const [, kb = 0] = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`)) ??
    [];
  return Number(kb);
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // It ended.
  }
}

export function restartRow(few: number, many: number, count: number): Row {
  return atMost(
    `restart of runtime and gateway, ${count} functions`,
    2,
    many,
    { value: few, what: `with ${FEW}` },
  );
}
