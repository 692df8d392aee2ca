/** Durable acceptance of webhooks, held against plain publishes into a stream. */
import { createHmac } from "node:crypto";
import type { Row } from "../row.ts";
import { api, BODY } from "../target.ts";
import { wrk } from "../wrk.ts";

export interface WebhookPlaces {
  /** The real gateway, on a NATS server that no runtime takes work from. */
  gatewayUrl: string;
  key: string;
  /** A function that the gateway knows. */
  functionName: string;
  /** A bare Hono handler that publishes the body, on the same NATS server. */
  bareUrl: string;
  /** One publish into a stream of that server, kept when it resolves. */
  publish(bytes: Uint8Array): Promise<void>;
  /** Removes what was stored: nobody takes it, and what is full refuses more. */
  empty(): Promise<void>;
}

const MIN_RATIO = 0.5;
/** Deliveries that come at once; each sender waits for its answer. */
const MANY = 16;
const SECRET = "It's a Secret to Everybody";
const HOOK = "bench-hook";

export async function webhookRows(
  places: WebhookPlaces,
  sizes: { rounds: number; warmUps: number; seconds: number },
): Promise<Row[]> {
  const { gatewayUrl, key, functionName } = places;
  await api(
    { url: gatewayUrl, key },
    "POST",
    `/api/functions/${functionName}/triggers`,
    JSON.stringify({
      name: HOOK,
      type: "webhook",
      provider: "github",
      secret: SECRET,
    }),
  );
  const one = await acceptance(places, { ...sizes, connections: 1 });
  const many = await acceptance(places, { ...sizes, connections: MANY });
  return [
    rowOf("one sender, one publisher", one, one),
    rowOf(`${MANY} senders, one publisher`, many, one),
    rowOf(`${MANY} senders, ${MANY} publishers`, many, many),
  ];
}

interface Acceptance {
  /** Medians, per second. */
  webhook: number;
  plain: number;
  bare: number;
  errors: number;
}

function rowOf(
  what: string,
  { webhook, bare, errors }: Acceptance,
  { plain }: Acceptance,
): Row {
  const ratio = webhook / plain;
  return {
    figure: `webhooks stored, 1 KB (wrk): ${what}`,
    target: `≥ ${MIN_RATIO} × floor`,
    measured: `${webhook.toFixed(0)} deliveries/s`,
    floor: `${plain.toFixed(0)} plain JetStream publishes/s; bare Hono with ` +
      `a publish ${bare.toFixed(0)}`,
    ratio,
    isMet: ratio >= MIN_RATIO && errors === 0,
  };
}

async function acceptance(
  { gatewayUrl, bareUrl, publish, empty }: WebhookPlaces,
  { rounds, warmUps, seconds, connections }: {
    rounds: number;
    warmUps: number;
    seconds: number;
    connections: number;
  },
): Promise<Acceptance> {
  const load = { key: "", body: BODY, connections, seconds };
  const mac = createHmac("sha256", SECRET).update(BODY).digest("hex");
  const delivery = {
    ...load,
    url: `${gatewayUrl}/hooks/${HOOK}`,
    headers: { "X-Hub-Signature-256": `sha256=${mac}` },
    countIn: "X-GitHub-Delivery",
  };
  const bare = { ...load, url: `${bareUrl}/publish` };
  for (let warmUp = 0; warmUp < warmUps; warmUp++) {
    await wrk({ ...delivery, seconds: 1 });
    await wrk({ ...bare, seconds: 1 });
  }
  const rates = { webhook: [], plain: [], bare: [] } as Record<
    "webhook" | "plain" | "bare",
    number[]
  >;
  let errors = 0;
  // In turns, so that noise meets all of them.
  for (let round = 0; round < rounds; round++) {
    await empty();
    const result = await wrk(delivery);
    errors += result.errors;
    rates.webhook.push(result.rps);
    rates.plain.push(
      await publishRate(publish, connections, seconds / 2),
    );
    rates.bare.push((await wrk(bare)).rps);
  }
  return {
    webhook: median(rates.webhook),
    plain: median(rates.plain),
    bare: median(rates.bare),
    errors,
  };
}

/** So many publishers, each with one publish after another. @returns per second */
async function publishRate(
  publish: WebhookPlaces["publish"],
  publishers: number,
  seconds: number,
): Promise<number> {
  const bytes = new TextEncoder().encode(BODY);
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  let count = 0;
  async function publisher(): Promise<void> {
    while (performance.now() < end) {
      await publish(bytes);
      count++;
    }
  }
  await Promise.all(Array.from({ length: publishers }, publisher));
  return count / ((performance.now() - begun) / 1_000);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
