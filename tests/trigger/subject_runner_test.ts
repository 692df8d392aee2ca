import { deepStrictEqual, ok, strictEqual } from "node:assert";
import type { JetStreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { type CloudRequest, CloudResponse } from "../../src/contracts/cloud.ts";
import type { DeadLetter } from "../../src/contracts/dead.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { InvokeOptions, InvokeReply } from "../../src/contracts/port.ts";
import { SubjectTrigger } from "../../src/contracts/trigger.ts";
import { createLogger } from "../../src/log.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { openEventSink } from "../../src/nats/event_sink.ts";
import { messageSource } from "../../src/nats/message_source.ts";
import { objectStore } from "../../src/store/objects.ts";
import { systemClock } from "../../src/trigger/clock.ts";
import { MAX_HOPS } from "../../src/trigger/hops.ts";
import { SubjectRunner } from "../../src/trigger/subject_runner.ts";
import { memoryRegistry } from "../support/memory.ts";
import { startTestNats, type TestNats } from "../support/nats_server.ts";
import { recordedEvents } from "../support/recorded_events.ts";
import { replyOf } from "../support/reply.ts";
import { submissions } from "../support/submissions.ts";
import { memoryTriggers } from "../support/triggers.ts";
import { until } from "../support/until.ts";

const TIMEOUT = { timeout: 20_000 };

let nats: TestNats;
Deno.test.beforeAll(async () => {
  nats = await startTestNats();
});
Deno.test.afterAll(async () => await nats[Symbol.asyncDispose]());

interface Call {
  request: CloudRequest;
  options: InvokeOptions;
}

/** Gateways on one NATS server, a runtime that answers as a test says. */
async function world(settings: Record<string, unknown>) {
  const triggers = memoryTriggers();
  const async = submissions();
  const events = recordedEvents();
  const letters: DeadLetter[] = [];
  const calls: Call[] = [];
  const at = new Date().toISOString();
  const trigger = SubjectTrigger.parse({
    id: crypto.randomUUID(),
    functionId: crypto.randomUUID(),
    name: "listen",
    type: "subject",
    createdAt: at,
    updatedAt: at,
    ...settings,
  });
  await triggers.create(trigger);
  const { js, claims } = await bootstrap(nats.nc);
  await bootstrapAccess(js);
  const made = {
    triggers,
    trigger,
    async,
    events,
    letters,
    calls,
    jsm: await js.jetstreamManager(),
    /** What a call comes to; echoes the body until set. */
    answer: ({ request }: Call): Promise<InvokeReply["outcome"]> =>
      Promise.resolve({
        response: CloudResponse.parse({ statusCode: 200, body: request.body }),
      }),
    async gateway(): Promise<SubjectRunner> {
      const runner = await SubjectRunner.start({
        triggers,
        async,
        events,
        clock: systemClock,
        log: createLogger(() => {}),
        dead: { add: (letter) => Promise.resolve(void letters.push(letter)) },
        source: await messageSource({
          nc: nats.nc,
          js,
          claims: objectStore(claims, js),
          log: createLogger(() => {}),
        }),
        runtime: {
          async invoke(_ref, request, options) {
            const call = { request, options };
            calls.push(call);
            return replyOf(await made.answer(call));
          },
        },
      });
      await nats.nc.flush();
      return runner;
    },
  };
  return made;
}

function withHeaders(values: Record<string, string>) {
  const h = headers();
  for (const [name, value] of Object.entries(values)) h.set(name, value);
  return { headers: h };
}

async function streamOf(jsm: JetStreamManager, name: string): Promise<string> {
  await jsm.streams.add({ name, subjects: [`${name.toLowerCase()}.>`] });
  return name;
}

/** Consumers of this trigger, with what they have not had acknowledged. */
async function consumers(jsm: JetStreamManager, stream: string, id: string) {
  const all = await Array.fromAsync(jsm.consumers.list(stream));
  return all.filter(({ name }) => name.includes(id));
}

/** Until nothing is on its way and nothing waits. */
async function untilAcked(
  jsm: JetStreamManager,
  stream: string,
  id: string,
): Promise<void> {
  await until(async () => {
    const found = await consumers(jsm, stream, id);
    return found.length > 0 &&
      found.every((each) =>
        each.num_pending === 0 && each.num_ack_pending === 0
      );
  });
}

Deno.test("core: a message without a reply becomes one durable invocation, of one of three gateways", async () => {
  const { gateway, async, trigger } = await world({ subject: "core.one.*" });
  await using _one = await gateway();
  await using _two = await gateway();
  await using _three = await gateway();
  for (let n = 0; n < 30; n++) {
    nats.nc.publish(`core.one.${n}`, JSON.stringify({ n }));
  }
  nats.nc.publish("core.other", "{}");
  await until(() => async.taken.length === 30);
  const [first] = async.taken;
  deepStrictEqual(first?.request.body, { n: 0 });
  deepStrictEqual(first.source, { type: "subject", trigger: trigger.id });
  deepStrictEqual(first.request.headers, {
    "oche-trigger": "listen",
    "oche-subject": "core.one.0",
  });
  const bodies = new Set(async.taken.map(({ request }) => request.body));
  strictEqual(bodies.size, 30);
});

Deno.test("core: who waits gets the function's answer, as functions.invoke gives it or its body alone", async () => {
  for (const reply of ["response", "body"] as const) {
    const { gateway, async, calls } = await world({
      subject: `core.ask.${reply}`,
      reply,
    });
    await using _gateway = await gateway();
    const answer = await nats.nc.request(
      `core.ask.${reply}`,
      '{"name":"Ada"}',
      TIMEOUT,
    );
    const body = { name: "Ada" };
    if (reply === "body") {
      deepStrictEqual(answer.json(), body);
      strictEqual(answer.headers?.get("Oche-Status"), "200");
      strictEqual(answer.headers?.get("content-type"), "application/json");
    } else {
      deepStrictEqual(answer.json(), { statusCode: 200, headers: {}, body });
    }
    strictEqual(answer.headers?.get("Oche-Invocation-Id"), "i-1");
    deepStrictEqual([calls.length, async.taken.length], [1, 0]);
  }
});

Deno.test("core: who waits is told why there is no answer", async () => {
  const made = await world({ subject: "core.fails", reply: "body" });
  made.answer = () => Promise.reject(new AppError("busy", "All are in use"));
  await using _gateway = await made.gateway();
  const answer = await nats.nc.request("core.fails", "{}", TIMEOUT);
  strictEqual(answer.headers?.get("Nats-Service-Error-Code"), "429");
  strictEqual(answer.json<{ code: string }>().code, "busy");
});

Deno.test("core: headers filter, and what the system says cannot be forged", async () => {
  const { gateway, async } = await world({
    subject: "core.filter",
    filter: { Kind: "paid", "X-Any": "*" },
  });
  await using _gateway = await gateway();
  for (
    const values of [
      { Kind: "paid" },
      { Kind: "unpaid", "X-Any": "1" },
      { kind: "paid", "x-any": "1", "Oche-Trigger": "forged", "bad(name": "x" },
    ]
  ) nats.nc.publish("core.filter", "text", withHeaders(values));
  await until(() => async.taken.length === 1);
  await nats.nc.flush();
  deepStrictEqual(async.taken.map(({ request }) => request), [{
    method: "POST",
    path: "/",
    query: {},
    headers: {
      kind: "paid",
      "x-any": "1",
      "oche-trigger": "listen",
      "oche-subject": "core.filter",
    },
    body: "text",
  }]);
});

Deno.test("core: a CloudEvent in structured mode looks as one in binary mode", async () => {
  const { gateway, async } = await world({ subject: "core.event" });
  await using _gateway = await gateway();
  const event = { specversion: "1.0", id: "1", source: "/x", type: "t" };
  nats.nc.publish(
    "core.event",
    JSON.stringify({ ...event, data: { a: 1 } }),
    withHeaders({ "content-type": "application/cloudevents+json" }),
  );
  nats.nc.publish(
    "core.event",
    '{"a":1}',
    withHeaders({
      "ce-specversion": "1.0",
      "ce-id": "1",
      "ce-source": "/x",
      "ce-type": "t",
      "Content-Type": "application/json",
    }),
  );
  await until(() => async.taken.length === 2);
  const [one, two] = async.taken.map(({ request }) => request);
  deepStrictEqual(one, two);
  strictEqual(one?.headers["ce-id"], "1");
});

Deno.test("core: a batch is one invocation when it is full, or when its time is over", async () => {
  const { gateway, async } = await world({
    subject: "core.batch.*",
    batch: { size: 3, waitMs: 300 },
  });
  await using _gateway = await gateway();
  for (let n = 0; n < 5; n++) nats.nc.publish(`core.batch.${n}`, String(n));
  await until(() => async.taken.length === 2);
  deepStrictEqual(async.taken.map(({ request }) => request.body), [
    [0, 1, 2].map((n) => ({
      subject: `core.batch.${n}`,
      headers: {},
      body: n,
    })),
    [3, 4].map((n) => ({ subject: `core.batch.${n}`, headers: {}, body: n })),
  ]);
});

Deno.test("core: what a batch has collected when a gateway ends is not lost", async () => {
  const { gateway, async } = await world({
    subject: "core.ends",
    batch: { size: 100, waitMs: 60_000 },
  });
  const one = await gateway();
  nats.nc.publish("core.ends", "1");
  await nats.nc.flush();
  await one[Symbol.asyncDispose]();
  strictEqual(async.taken.length, 1);
});

Deno.test("hops are counted on, and a loop ends with an event", async () => {
  const { gateway, async, events } = await world({ subject: "core.loop" });
  await using _gateway = await gateway();
  for (const hops of [3, MAX_HOPS, "x"]) {
    nats.nc.publish(
      "core.loop",
      "{}",
      withHeaders({ "Oche-Hops": String(hops) }),
    );
  }
  await until(() => events.told.length === 2);
  deepStrictEqual(events.types(), ["trigger.dropped", "trigger.dropped"]);
  deepStrictEqual(async.taken.map(({ hops }) => hops), [3]);
});

Deno.test("a trigger that hears of its own invocations ends going round", async () => {
  const { gateway, async, trigger } = await world({
    subject: "functions.event.>",
  });
  const registry = memoryRegistry();
  using sink = openEventSink({
    nc: nats.nc,
    registry,
    installation: undefined,
    log: createLogger(() => {}),
  });
  const { functionId } = trigger;
  const submit = async.submit;
  // As the runtime does at the end of each.
  async.submit = async (submission) => {
    const { hops } = submission;
    sink.emit({ type: "invocation.succeeded", functionId, hops, data: {} });
    return await submit(submission);
  };
  await using _gateway = await gateway();
  sink.emit({ type: "function.deployed", functionId, data: {} });
  await until(() => async.taken.length === MAX_HOPS);
  deepStrictEqual(
    async.taken.map(({ hops }) => hops),
    Array.from({ length: MAX_HOPS }, (_, hop) => hop),
  );
  const dropped = nats.nc.subscribe("functions.event.trigger.dropped", {
    callback: () => ok(false, "no event tells of a dropped event"),
  });
  sink.emit({
    type: "invocation.succeeded",
    functionId,
    hops: MAX_HOPS,
    data: {},
  });
  // Heard and dropped before this one runs.
  sink.emit({ type: "function.removed", functionId, data: {} });
  await until(() => async.taken.length > MAX_HOPS);
  dropped.unsubscribe();
});

Deno.test("a paused, changed or removed trigger listens no more, or elsewhere", async () => {
  const { gateway, async, triggers } = await world({ subject: "core.before" });
  await using _gateway = await gateway();
  const change = (edit: Record<string, unknown>) =>
    triggers.update("listen", (record) => ({
      ...record,
      ...edit,
    } as SubjectTrigger));
  await change({ subject: "core.after" });
  await nats.nc.flush();
  nats.nc.publish("core.before", "1");
  nats.nc.publish("core.after", "2");
  await until(() => async.taken.length === 1);
  await change({ enabled: false });
  await nats.nc.flush();
  nats.nc.publish("core.after", "3");
  await nats.nc.flush();
  await change({ enabled: true });
  await nats.nc.flush();
  nats.nc.publish("core.after", "4");
  await until(() => async.taken.length === 2);
  await triggers.remove("listen");
  nats.nc.publish("core.after", "5");
  await nats.nc.flush();
  deepStrictEqual(async.taken.map(({ request }) => request.body), [2, 4]);
});

Deno.test("stream: each message runs, is acknowledged after success, and runs once over two gateways", async () => {
  const made = await world({ subject: "acked.*", stream: "ACKED" });
  const { jsm, calls, trigger } = made;
  await streamOf(jsm, "ACKED");
  await using _one = await made.gateway();
  await using _two = await made.gateway();
  await until(async () =>
    (await consumers(jsm, "ACKED", trigger.id)).length === 1
  );
  for (let n = 0; n < 20; n++) {
    nats.nc.publish(`acked.${n}`, JSON.stringify({ n }));
  }
  await until(() => calls.length === 20);
  await untilAcked(jsm, "ACKED", trigger.id);
  strictEqual(calls.length, 20);
  const seen = calls.map(({ request }) => request.headers);
  strictEqual(seen[0]?.["oche-stream"], "ACKED");
  ok(seen.every((each) => each["oche-attempt"] === "1"));
  strictEqual(new Set(seen.map((e) => e["oche-stream-sequence"])).size, 20);
});

Deno.test("stream: a failure comes again with backoff; past the bound it is a dead letter that can be run again", async () => {
  const made = await world({
    subject: "failing.>",
    stream: "FAILING",
    maxDeliver: 3,
    backoffMs: 20,
    deliver: "all",
  });
  const { jsm, calls, trigger, letters, events } = made;
  await streamOf(jsm, "FAILING");
  made.answer = ({ request }) =>
    Promise.resolve(
      request.body === "poison"
        ? { response: CloudResponse.parse({ statusCode: 500 }) }
        : request.headers["oche-attempt"] === "1"
        ? { error: new AppError("function_failed", "It crashed") }
        : { response: CloudResponse.parse({ statusCode: 204 }) },
    );
  nats.nc.publish("failing.a", "poison");
  nats.nc.publish("failing.b", "good");
  await using _gateway = await made.gateway();
  await until(() => letters.length === 1);
  await untilAcked(jsm, "FAILING", trigger.id);
  const attempts = (body: string) =>
    calls.filter(({ request }) => request.body === body)
      .map(({ request }) => request.headers["oche-attempt"]);
  deepStrictEqual(attempts("poison"), ["1", "2", "3"]);
  deepStrictEqual(attempts("good"), ["1", "2"]);
  const [letter] = letters;
  deepStrictEqual(
    [letter?.functionId, letter?.reason, letter?.attempts, letter?.lastError],
    [trigger.functionId, "exhausted", 3, "The function answered 500"],
  );
  strictEqual(letter?.message?.request.body, "poison");
  deepStrictEqual(events.types(), ["invocation.dead"]);
});

Deno.test("stream: a busy runtime is no attempt", async () => {
  const made = await world({
    subject: "busy.>",
    stream: "BUSY",
    maxDeliver: 1,
    deliver: "all",
  });
  const { jsm, calls, trigger, letters } = made;
  await streamOf(jsm, "BUSY");
  made.answer = () =>
    calls.length < 3
      ? Promise.reject(new AppError("busy", "All are in use"))
      : Promise.resolve({
        response: CloudResponse.parse({ statusCode: 200 }),
      });
  nats.nc.publish("busy.a", "x");
  await using _gateway = await made.gateway();
  await until(() => calls.length === 3);
  await untilAcked(jsm, "BUSY", trigger.id);
  deepStrictEqual(letters, []);
});

Deno.test("stream: a call that may have run is an attempt, and the next one says so", async () => {
  const made = await world({
    subject: "unsure.>",
    stream: "UNSURE",
    backoffMs: 20,
    deliver: "all",
  });
  const { jsm, calls, trigger } = made;
  await streamOf(jsm, "UNSURE");
  made.answer = () =>
    calls.length === 1
      ? Promise.reject(
        new AppError("unavailable", "It is gone", { isUncertain: true }),
      )
      : Promise.resolve({
        response: CloudResponse.parse({ statusCode: 200 }),
      });
  nats.nc.publish("unsure.a", "x");
  await using _gateway = await made.gateway();
  await until(() => calls.length === 2);
  await untilAcked(jsm, "UNSURE", trigger.id);
  deepStrictEqual(
    calls.map(({ request }) => request.headers["oche-attempt"]),
    ["1", "2"],
  );
});

Deno.test("stream: what server and gateway both forgot runs again with a mark", async () => {
  const made = await world({
    subject: "forgot.>",
    stream: "FORGOT",
    deliver: "all",
  });
  const { jsm, calls, trigger } = made;
  await streamOf(jsm, "FORGOT");
  nats.nc.publish("forgot.a", "x");
  for (let run = 1; run <= 3; run++) {
    await using _gateway = await made.gateway();
    await until(() => calls.length === run);
    await untilAcked(jsm, "FORGOT", trigger.id);
    // As after a kill, the deliveries are counted from 1 again.
    for (const { name } of await consumers(jsm, "FORGOT", trigger.id)) {
      await jsm.consumers.delete("FORGOT", name);
    }
  }
  deepStrictEqual(
    calls.map(({ request }) => request.headers["oche-attempt"]),
    ["1", "2", "3"],
  );
});

Deno.test("stream: a batch is one call, and is acknowledged as a whole", async () => {
  const made = await world({
    subject: "lots.>",
    stream: "LOTS",
    batch: { size: 4 },
    deliver: "all",
    concurrency: 1,
  });
  const { jsm, calls, trigger } = made;
  await streamOf(jsm, "LOTS");
  for (let n = 0; n < 6; n++) nats.nc.publish(`lots.${n}`, String(n));
  await using _gateway = await made.gateway();
  await until(() => calls.length === 2);
  await untilAcked(jsm, "LOTS", trigger.id);
  deepStrictEqual(
    calls.map(({ request }) =>
      (request.body as { body: number }[]).map(({ body }) => body)
    ),
    [[0, 1, 2, 3], [4, 5]],
  );
});

Deno.test("stream: several subjects, on a server that filters by one alone", async () => {
  const made = await world({
    subject: ["several.a", "several.b.*"],
    stream: "SEVERAL",
    deliver: "all",
  });
  const { jsm, calls, trigger } = made;
  await streamOf(jsm, "SEVERAL");
  for (const subject of ["a", "b.1", "c", "b.2"]) {
    nats.nc.publish(`several.${subject}`, "{}");
  }
  await using _gateway = await made.gateway();
  await until(() => calls.length === 3);
  await untilAcked(jsm, "SEVERAL", trigger.id);
  deepStrictEqual(
    calls.map(({ request }) => request.headers["oche-subject"]).toSorted(),
    ["several.a", "several.b.1", "several.b.2"],
  );
});

Deno.test("stream: what came while no gateway ran is taken up; a removed trigger leaves no consumer", async () => {
  const made = await world({ subject: "later.>", stream: "LATER" });
  const { jsm, calls, trigger, triggers } = made;
  await streamOf(jsm, "LATER");
  {
    await using _gateway = await made.gateway();
    await until(async () =>
      (await consumers(jsm, "LATER", trigger.id)).length === 1
    );
  }
  nats.nc.publish("later.a", "1");
  await nats.nc.flush();
  await using _gateway = await made.gateway();
  await until(() => calls.length === 1);
  await triggers.remove("listen");
  await until(async () =>
    (await consumers(jsm, "LATER", trigger.id)).length === 0
  );
});

Deno.test("stream: one that is made after its trigger is found", async () => {
  const made = await world({
    subject: "late.>",
    stream: "LATE",
    deliver: "all",
  });
  await using _gateway = await made.gateway();
  await streamOf(made.jsm, "LATE");
  nats.nc.publish("late.a", "1");
  await until(() => made.calls.length === 1);
});
