/** Deploys: how long, and what callers see of them. */
import { BenchClient } from "../client.ts";
import { ms, type Row } from "../row.ts";
import { summarize } from "../stats.ts";
import {
  api,
  BODY,
  deploy,
  echoArchive,
  pause,
  type Target,
} from "../target.ts";
import { wrk } from "../wrk.ts";

const MAX_DEPLOY_MS = 3_000;
const MAX_SAME_MS = 200;
/** Ends a load that nobody ends. */
const MAX_LOAD_SECONDS = 300;
/** How long what follows a deploy may take, in milliseconds. */
const AFTER_MS = 500;

/** @param count How many contents are deployed; the middle one counts. */
export async function deployRows(
  target: Target,
  count: number,
): Promise<Row[]> {
  using client = await BenchClient.open(target.url, target.key);
  async function untilCallable(name: string, archive: Uint8Array) {
    const begun = performance.now();
    await deploy(target, name, archive);
    await client.post(`/fn/${name}`, BODY);
    return performance.now() - begun;
  }
  const all: number[] = [];
  let archive: Uint8Array;
  do {
    // The first is the usual one: other scenarios find it compiled.
    archive = await echoArchive(all.length === 0 ? undefined : newMark());
    all.push(await untilCallable("fresh", archive));
  } while (all.length < count);
  const fresh = summarize(all).p50;
  const again = await untilCallable("fresh", archive);
  await pause(AFTER_MS);
  const begun = performance.now();
  await deploy(target, "fresh-copy", archive);
  const copied = performance.now() - begun;
  return [
    {
      ...timed("deploy: upload to callable", MAX_DEPLOY_MS, fresh),
      samples: all,
    },
    timed("deploy: the same content again", MAX_SAME_MS, again),
    timed("deploy: the same content, another name", MAX_SAME_MS, copied),
  ];
}

function newMark(): string {
  return crypto.randomUUID();
}

function timed(figure: string, limit: number, value: number): Row {
  return {
    figure,
    target: `≤ ${limit} ms`,
    measured: ms(value),
    floor: "",
    ratio: undefined,
    isMet: value <= limit,
  };
}

export async function redeployRow(
  target: Target,
  deploys: number,
): Promise<Row> {
  await deploy(target, "busy", await echoArchive());
  const ends = new AbortController();
  const load = wrk({
    url: `${target.url}/fn/busy`,
    key: target.key,
    body: BODY,
    connections: 8,
    seconds: MAX_LOAD_SECONDS,
    until: ends.signal,
  });
  try {
    for (let index = 0; index < deploys; index++) {
      await deploy(target, "busy", await echoArchive(newMark()));
    }
    await pause(AFTER_MS);
  } finally {
    ends.abort();
    await Promise.allSettled([load]);
  }
  const { rps, errors } = await load;
  await api(target, "DELETE", "/api/functions/busy");
  return {
    figure: `${deploys} redeploys under load, c=8 (wrk)`,
    target: "0 failed calls",
    measured: `${errors} failed, ${rps.toFixed(0)} calls/s`,
    floor: "",
    ratio: undefined,
    isMet: errors === 0,
  };
}
