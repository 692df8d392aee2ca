import { ok, rejects, strictEqual } from "node:assert";
import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import { createLogger } from "../../src/log.ts";
import { AttemptMarks } from "../../src/nats/attempt_marks.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { STREAM, subject } from "../../src/nats/subject.ts";
import { startTestNats, type TestNats } from "../support/nats_server.ts";
import { until } from "../support/until.ts";

const NAME = "WORK";
const NEVER = new AbortController().signal;

/** Marks of two gateways, and messages of a stream that can be made anew. */
async function world(nats: TestNats) {
  const { js } = await bootstrap(nats.nc);
  await bootstrapAccess(js);
  const jsm = await js.jetstreamManager();
  const logged: string[] = [];
  const log = createLogger((line) => void logged.push(line));
  const marks = () => new AttemptMarks({ nc: nats.nc, jsm, log, retryMs: 10 });
  return {
    jsm,
    logged,
    remake: () => bootstrapAccess(js),
    one: marks(),
    two: marks(),
    async first(): Promise<JsMsg> {
      await jsm.streams.delete(NAME).catch(() => {});
      await jsm.streams.add({ name: NAME, subjects: ["work"] });
      await jsm.consumers.add(NAME, {
        durable_name: "reads",
        ack_policy: AckPolicy.Explicit,
      });
      await js.publish("work", "x");
      const consumer = await js.consumers.get(NAME, "reads");
      const message = await consumer.next();
      ok(message);
      return message;
    },
  };
}

async function fill(jsm: JetStreamManager): Promise<void> {
  await jsm.streams.update(STREAM.attempt, {
    discard: DiscardPolicy.New,
    max_bytes: 1,
  });
}

Deno.test("each attempt has another number, whichever gateway makes it", async () => {
  await using nats = await startTestNats();
  const { one, two, first } = await world(nats);
  const message = await first();
  strictEqual(await one.begin(message, NEVER), 1);
  strictEqual(await two.begin(message, NEVER), 2);
  const both = await Promise.all(
    [one, two].map((each) => each.begin(message, NEVER)),
  );
  strictEqual(both.toSorted().join(), "3,4");
});

Deno.test("a message of a stream that was made anew has no attempts yet", async () => {
  await using nats = await startTestNats();
  const { one, first } = await world(nats);
  await one.begin(await first(), NEVER);
  strictEqual(await one.begin(await first(), NEVER), 1);
});

Deno.test("what is no mark is written over", async () => {
  await using nats = await startTestNats();
  const { one, first } = await world(nats);
  const message = await first();
  nats.nc.publish(subject.attempt("reads", 1), "no mark");
  strictEqual(await one.begin(message, NEVER), 1);
  strictEqual(await one.begin(message, NEVER), 2);
});

Deno.test("where no mark can be kept, the attempt waits until one can be, and says so once", async () => {
  await using nats = await startTestNats();
  const { jsm, one, first, logged, remake } = await world(nats);
  const message = await first();
  await jsm.streams.delete(STREAM.attempt);
  const begun = one.begin(message, NEVER);
  await until(() => logged.length === 1);
  await remake();
  strictEqual(await begun, 1);
  strictEqual(logged.length, 1);
  strictEqual(await one.begin(message, NEVER), 2);
});

Deno.test("an attempt that waits to be marked ends with its trigger", async () => {
  await using nats = await startTestNats();
  const { jsm, one, first } = await world(nats);
  const message = await first();
  await jsm.streams.delete(STREAM.attempt);
  await rejects(one.begin(message, AbortSignal.abort()), {
    code: "unavailable",
  });
});

Deno.test("where there is no room for a mark, the server's count is taken", async () => {
  await using nats = await startTestNats();
  const { jsm, one, first, logged } = await world(nats);
  const message = await first();
  await fill(jsm);
  strictEqual(await one.begin(message, NEVER), 1);
  strictEqual(logged.length, 1);
});
