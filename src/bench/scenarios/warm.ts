/** Warm calls, held against the wire alone: interleaved, so that noise meets both. */
import { BenchClient } from "../client.ts";
import { atMost, ms, type Row } from "../row.ts";
import { middle, summarize } from "../stats.ts";
import { BODY, deploy, echoArchive, type Target } from "../target.ts";
import { wrk, type WrkResult } from "../wrk.ts";

export interface Floors {
  /** Hono, NATS, an echo: nothing of ours. */
  bareUrl: string;
  /** The real gateway with an echo in place of a runtime. */
  gatewayUrl: string;
  key: string;
}

const MAX_P50_RATIO = 1.5;
const MIN_RPS_RATIO = 0.6;
const MAX_TAIL_RATIO = 4;

/** @returns the rows, and the warm p50 in milliseconds */
export async function warmRows(
  target: Target,
  floors: Floors,
  { rounds, warmUps, seconds, loops }: {
    rounds: number;
    warmUps: number;
    seconds: number;
    /** Calls of our own loop. */
    loops: number;
  },
): Promise<{ rows: Row[]; p50: number }> {
  await deploy(target, "warm", await echoArchive());
  const places = {
    oche: { url: `${target.url}/fn/warm`, key: target.key },
    gateway: { url: `${floors.gatewayUrl}/fn/echo`, key: floors.key },
    bare: { url: `${floors.bareUrl}/fn/echo`, key: "" },
  };
  async function load(
    place: keyof typeof places,
    connections: number,
  ): Promise<WrkResult> {
    return await wrk({ ...places[place], connections, body: BODY, seconds });
  }
  // Until their code is compiled as it stays; once for certain.
  for (let warmUp = 0; warmUp <= warmUps; warmUp++) {
    for (const place of ["oche", "gateway", "bare"] as const) {
      await load(place, 16);
    }
  }
  async function turns(connections: number): Promise<Round[]> {
    const all: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      all.push({
        gateway: await load("gateway", connections),
        oche: await load("oche", connections),
        bare: await load("bare", connections),
      });
    }
    return all;
  }
  const alone = middle(
    await turns(1),
    ({ oche, gateway }) => oche.p50 / gateway.p50,
  );
  const busy = await turns(16);
  const own = await ownLoop(places.oche.url, target.key, loops);
  const ownFloor = await ownLoop(places.gateway.url, floors.key, loops);
  const many = middle(busy, ratioOf);
  const { oche: tailed, gateway: floorOfTail } = middle(
    busy,
    ({ oche }) => tailOf(oche),
  );
  const rpsRatio = many.oche.rps / many.gateway.rps;
  const tail = tailOf(tailed);
  const rows: Row[] = [
    {
      ...atMost("warm p50, c=1, 1 KB (wrk)", MAX_P50_RATIO, alone.oche.p50, {
        value: alone.gateway.p50,
        what: "same gateway, echo runtime",
      }),
      quantiles: alone.oche.quantiles,
    },
    {
      ...atMost("warm p50, c=1 (own loop)", MAX_P50_RATIO, own.p50, {
        value: ownFloor.p50,
        what: "same gateway, echo runtime",
      }),
      samples: own.samples,
    },
    {
      ...atMost("warm p50, c=1 (wrk)", MAX_P50_RATIO, alone.oche.p50, {
        value: alone.bare.p50,
        what: "bare Hono, bare echo",
      }),
      target: "–",
      isMet: undefined,
    },
    {
      figure: "warm throughput, c=16 (wrk)",
      target: `≥ ${MIN_RPS_RATIO} × floor`,
      measured: `${many.oche.rps.toFixed(0)} calls/s`,
      floor: `${
        many.gateway.rps.toFixed(0)
      } calls/s same gateway, echo runtime; bare ${many.bare.rps.toFixed(0)}`,
      ratio: rpsRatio,
      isMet: rpsRatio >= MIN_RPS_RATIO && many.oche.errors === 0,
    },
    {
      figure: "warm p99, c=16 (wrk)",
      target: `≤ ${MAX_TAIL_RATIO} × own p50`,
      measured: `${ms(tailed.p99)} (p95 ${ms(tailed.p95)})`,
      floor: `${ms(tailed.p50)} own p50; same gateway, echo runtime: p99 ` +
        `${tailOf(floorOfTail).toFixed(2)} × its p50`,
      ratio: tail,
      isMet: tail <= MAX_TAIL_RATIO,
      quantiles: tailed.quantiles,
    },
  ];
  return { rows, p50: alone.oche.p50 };
}

/** One after the other, so that the same noise meets them. */
interface Round {
  oche: WrkResult;
  gateway: WrkResult;
  bare: WrkResult;
}

function tailOf({ p50, p99 }: WrkResult): number {
  return p99 / p50;
}

function ratioOf({ oche, gateway }: Round): number {
  return oche.rps / gateway.rps;
}

async function ownLoop(url: string, key: string, loops: number) {
  const { origin, pathname } = new URL(url);
  using client = await BenchClient.open(origin, key);
  const samples: number[] = [];
  const first = Math.ceil(loops / 5);
  for (let count = 0; count < loops; count++) {
    const answer = await client.post(pathname, BODY);
    if (count >= first) samples.push(answer.ms);
  }
  return { ...summarize(samples), samples };
}
