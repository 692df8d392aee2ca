/** Cron triggers while gateways are killed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { invocationIdOf } from "../../src/contracts/invocation.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { STREAM, subject } from "../../src/nats/subject.ts";
import { KvRegistry } from "../../src/store/registry.ts";
import { startGateways } from "../support/gateways.ts";
import { report } from "../support/report.ts";
import { scaled } from "../support/scale.ts";
import { until } from "../support/until.ts";

const GATEWAYS = 3;
/** How often each is killed. */
const ROUNDS = scaled(1, 10);
const SECOND_MS = 1_000;
const WAIT_MS = 120_000;

Deno.test("each second of a cron trigger becomes one invocation while gateways are killed", async () => {
  await using gateways = await startGateways(GATEWAYS);
  const { js, functions } = await bootstrap(gateways.nats.nc);
  await using registry = await KvRegistry.open(functions);
  const { id } = await registry.ensure("ticker", {});
  await registry.addVersion(id, "0".repeat(64));
  await registry.updateVersion(id, 1, { status: "ready" });
  await registry.setCurrent(id, 1);
  const made = await fetch(
    `${gateways.urls[0]}/api/functions/ticker/triggers`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${gateways.adminKey}` },
      body: JSON.stringify({
        name: "tick",
        type: "cron",
        expression: "* * * * * *",
        missed: "all",
      }),
    },
  );
  strictEqual(made.status, 201, await made.clone().text());
  const trigger = await made.json();

  // No runtime takes them: what was submitted lies in the queue.
  const jsm = await js.jetstreamManager();
  const prefix = subject.async(id, "");
  async function submitted(): Promise<Set<string>> {
    const { state } = await jsm.streams.info(STREAM.async, {
      subjects_filter: `${prefix}*`,
    });
    const counts = Object.entries(state.subjects ?? {});
    ok(counts.every(([, count]) => count === 1));
    return new Set(counts.map(([each]) => each.slice(prefix.length)));
  }
  const more = async (than: number) =>
    await until(async () => (await submitted()).size > than, WAIT_MS);

  const begun = Date.now();
  await more(0);
  for (let round = 0; round < ROUNDS * GATEWAYS; round++) {
    const { size } = await submitted();
    gateways.kill(round % GATEWAYS);
    await more(size + 1);
  }
  const ids = await submitted();
  const last = Date.now();
  const times: number[] = [];
  for (
    let time = Math.floor(begun / SECOND_MS - 60) * SECOND_MS;
    time <= last;
    time += SECOND_MS
  ) {
    if (ids.has(invocationIdOf("cron", trigger.id, String(time)))) {
      times.push(time);
    }
  }
  report([
    "cron",
    `${ROUNDS * GATEWAYS} kills of ${GATEWAYS} gateways`,
    `${ids.size} seconds`,
    `${times.length} fired once`,
    `${ids.size - times.length} other`,
  ]);
  strictEqual(times.length, ids.size);
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  deepStrictEqual(new Set(gaps), new Set([SECOND_MS]));
});
