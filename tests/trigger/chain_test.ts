import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import { toProblem } from "../../src/contracts/problem.ts";
import { ChainTrigger } from "../../src/contracts/trigger.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { durablePublish } from "../../src/nats/durable_publish.ts";
import { openChains } from "../../src/trigger/chain.ts";
import type { Ended } from "../../src/trigger/ended.ts";
import { MAX_HOPS } from "../../src/trigger/hops.ts";
import { memoryRegistry } from "../support/memory.ts";
import { startTestNats, type TestNats } from "../support/nats_server.ts";
import { recordedEvents } from "../support/recorded_events.ts";
import { submissions } from "../support/submissions.ts";
import { memoryTriggers } from "../support/triggers.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const TRACE = `00-${TRACE_ID}-b7ad6b7169203331-01`;

let nats: TestNats;
Deno.test.beforeAll(async () => {
  nats = await startTestNats();
});
Deno.test.afterAll(async () => await nats[Symbol.asyncDispose]());

async function world(settings: Record<string, unknown>) {
  const registry = memoryRegistry();
  const { id: from } = await registry.ensure("from", {});
  const { id: target } = await registry.ensure("target", {});
  const triggers = memoryTriggers();
  const async = submissions();
  const events = recordedEvents();
  const { js } = await bootstrap(nats.nc);
  const chains = await openChains({
    triggers,
    registry,
    async,
    events,
    publish: await durablePublish(nats.nc, js),
  });
  const at = new Date().toISOString();
  const trigger = ChainTrigger.parse({
    id: crypto.randomUUID(),
    functionId: from,
    name: "link",
    type: "chain",
    createdAt: at,
    updatedAt: at,
    ...settings,
  });
  await triggers.create(trigger);
  return { from, target, triggers, trigger, async, events, chains };
}

function succeeded(functionId: string, hops = 0): Ended {
  return {
    functionId,
    invocationId: crypto.randomUUID(),
    mode: "async",
    state: "succeeded",
    hops,
    traceparent: TRACE,
    response: CloudResponse.parse({ statusCode: 201, body: { total: 5 } }),
  };
}

function failed(functionId: string, fields: Partial<Ended>): Ended {
  const { response: _, ...ended } = succeeded(functionId);
  return { ...ended, state: "failed", ...fields };
}

Deno.test("a success goes on to a function: its answer is the body, the trace goes on, a hop is counted", async () => {
  const { from, target, trigger, async, events, chains } = await world({
    to: { function: "target" },
  });
  const ended = succeeded(from, 2);
  await chains.follow(ended);
  const [next] = async.taken;
  ok(next);
  strictEqual(next.functionId, target);
  deepStrictEqual(next.source, { type: "chain", trigger: trigger.id });
  strictEqual(next.hops, 3);
  deepStrictEqual(next.request.body, { total: 5 });
  deepStrictEqual(next.request.headers, {
    "oche-trigger": "link",
    "oche-chain-from": "from",
    "oche-chain-invocation": ended.invocationId,
    "oche-chain-status": "201",
    "content-type": "application/json",
  });
  const [, trace, parent] = next.traceparent?.split("-") ?? [];
  strictEqual(trace, TRACE_ID);
  ok(parent !== "b7ad6b7169203331");
  deepStrictEqual(events.types(), ["trigger.fired"]);
});

Deno.test("a chain that is followed again after a crash runs once", async () => {
  const { from, async, events, chains } = await world({
    to: { function: "target" },
  });
  const ended = succeeded(from);
  await chains.follow(ended);
  await chains.follow(ended);
  deepStrictEqual([async.taken.length, async.duplicates], [1, 1]);
  const [one, two] = events.told;
  strictEqual(one?.id, two?.id);
});

Deno.test("what is asked for decides: success, failure, and not when it is paused", async () => {
  for (
    const [settings, onSuccess, onFailure] of [
      [{ on: "success" }, 1, 0],
      [{ on: "failure" }, 0, 1],
      [{ on: "success", enabled: false }, 0, 0],
    ] as const
  ) {
    const { from, async, chains } = await world({
      ...settings,
      to: { function: "target" },
    });
    await chains.follow(succeeded(from));
    strictEqual(async.taken.length, onSuccess);
    await chains.follow(failed(from, {}));
    await chains.follow(succeeded(crypto.randomUUID()));
    strictEqual(async.taken.length, onSuccess + onFailure);
  }
});

Deno.test("a failure carries the problem, and the answer where there is one", async () => {
  const { from, async, chains } = await world({
    on: "failure",
    to: { function: "target" },
  });
  const error = new AppError("timeout", "It took too long");
  const dead = failed(from, { state: "dead", problem: toProblem(error) });
  await chains.follow(dead);
  const answered = failed(from, {
    response: CloudResponse.parse({ statusCode: 500, body: { error: "x" } }),
  });
  await chains.follow(answered);
  const [first, second] = async.taken.map(({ request }) => request);
  strictEqual(first?.headers["content-type"], "application/problem+json");
  deepStrictEqual(first?.body, {
    ...toProblem(error),
    invocationId: dead.invocationId,
    function: "from",
  });
  const body = second?.body as Record<string, unknown>;
  strictEqual(body["code"], "function_failed");
  strictEqual(body["detail"], "The function answered 500");
  deepStrictEqual(body["answer"], { statusCode: 500, body: { error: "x" } });
});

Deno.test("a subject gets the bytes of the answer, its type, the trace and the hops", async () => {
  const { from, chains } = await world({ to: { subject: "orders.done" } });
  const messages = nats.nc.subscribe("orders.done", { max: 2 });
  await nats.nc.flush();
  await chains.follow(succeeded(from, 1));
  await chains.follow({
    ...succeeded(from),
    response: CloudResponse.parse({
      statusCode: 200,
      headers: { "content-type": "image/png" },
      body: "AP8B",
      isBase64Encoded: true,
    }),
  });
  const [json, binary] = await Array.fromAsync(messages);
  deepStrictEqual(json?.json(), { total: 5 });
  strictEqual(json?.headers?.get("content-type"), "application/json");
  strictEqual(json?.headers?.get("Oche-Hops"), "2");
  ok(json?.headers?.get("traceparent").startsWith(`00-${TRACE_ID}-`));
  deepStrictEqual([...binary?.data ?? []], [0, 255, 1]);
  strictEqual(binary?.headers?.get("content-type"), "image/png");
});

Deno.test("a stream on the subject keeps it once, however often it is followed", async () => {
  const { from, chains } = await world({ to: { subject: "kept.done" } });
  const { js } = await bootstrap(nats.nc);
  const jsm = await js.jetstreamManager();
  await jsm.streams.add({ name: "KEPT", subjects: ["kept.>"] });
  const ended = succeeded(from);
  await chains.follow(ended);
  await chains.follow(ended);
  strictEqual((await jsm.streams.info("KEPT")).state.messages, 1);
});

Deno.test("a loop ends at its bound, and is told of", async () => {
  const { from, async, events, chains } = await world({
    to: { function: "from" },
  });
  let hops = 0;
  for (let turn = 0; turn < MAX_HOPS + 5; turn++) {
    const before = async.taken.length;
    await chains.follow(succeeded(from, hops));
    if (async.taken.length === before) break;
    hops = async.taken.at(-1)?.hops ?? 0;
  }
  strictEqual(async.taken.length, MAX_HOPS - 1);
  strictEqual(events.types().at(-1), "trigger.dropped");
  strictEqual(events.told.at(-1)?.data["why"], `it is hop ${MAX_HOPS}`);
});

Deno.test("a target that is gone is told of; a queue that is full is not swallowed", async () => {
  const { from, async, events, chains, triggers } = await world({
    to: { function: "nobody" },
  });
  await chains.follow(succeeded(from));
  deepStrictEqual(events.types(), ["trigger.dropped"]);
  await triggers.update("link", (record) => ({
    ...record,
    to: { function: "target" },
  } as ChainTrigger));
  async.failure = new AppError("busy", "The queue is full");
  await rejects(chains.follow(succeeded(from)), async.failure);
});
