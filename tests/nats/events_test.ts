import { deepStrictEqual, doesNotThrow, ok, strictEqual } from "node:assert";
import { jetstreamManager } from "@nats-io/jetstream";
import { CloudEvent as SdkEvent, HTTP } from "cloudevents";
import type { CloudEvent } from "../../src/contracts/cloud_event.ts";
import { EVENT_TYPES } from "../../src/contracts/event.ts";
import { createLogger } from "../../src/log.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { connectNats } from "../../src/nats/connect.ts";
import { openEventSink } from "../../src/nats/event_sink.ts";
import { STREAM } from "../../src/nats/subject.ts";
import { openEventFeed } from "../../src/store/event_feed.ts";
import { memoryRegistry } from "../support/memory.ts";
import { startTestNats, type TestNats } from "../support/nats_server.ts";
import { until } from "../support/until.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async function world(nats: TestNats) {
  const { js } = await bootstrap(nats.nc);
  const registry = memoryRegistry();
  const { id } = await registry.ensure("hello", {});
  const sink = openEventSink({
    nc: nats.nc,
    registry,
    installation: "0123abcd",
    log: createLogger(() => {}),
  });
  return { registry, id, sink, feed: await openEventFeed(nats.nc, js) };
}

Deno.test("every type is a CloudEvent on its own subject, as the SDK reads it", async () => {
  await using nats = await startTestNats();
  const { sink, id } = await world(nats);
  const messages = nats.nc.subscribe("functions.event.>", {
    max: EVENT_TYPES.length,
  });
  await nats.nc.flush();
  for (const type of EVENT_TYPES) {
    sink.emit({ type, functionId: id, data: { n: 1 }, traceparent: TRACE });
  }
  const ids = new Set<string>();
  let at = 0;
  for await (const message of messages) {
    strictEqual(message.subject, `functions.event.${EVENT_TYPES[at]}`);
    const event = HTTP.toEvent({
      headers: { "content-type": message.headers?.get("content-type") },
      body: message.string(),
    });
    ok(event instanceof SdkEvent);
    strictEqual(event.validate(), true);
    strictEqual(event.specversion, "1.0");
    strictEqual(event.type, `oche.${EVENT_TYPES[at]}`);
    strictEqual(event.source, "/oche/0123abcd");
    strictEqual(event.subject, `functions/${id}`);
    strictEqual(event.datacontenttype, "application/json");
    strictEqual(event["traceparent"], TRACE);
    ok(Math.abs(Date.parse(event.time ?? "") - Date.now()) < 600_000);
    deepStrictEqual(event.data, { functionId: id, function: "hello", n: 1 });
    ids.add(event.id);
    at++;
  }
  strictEqual(ids.size, EVENT_TYPES.length);
});

Deno.test("the feed has the newest, by type, and what is told twice once", async () => {
  await using nats = await startTestNats();
  const { sink, feed, id } = await world(nats);
  for (let n = 0; n < 5; n++) {
    sink.emit({ type: "function.updated", functionId: id, data: { n } });
    sink.emit({
      type: "invocation.succeeded",
      functionId: id,
      data: { n },
      id: "the-same",
    });
  }
  const all = () => feed.latest({ type: ">", limit: 100 });
  await until(async () => (await all()).length === 6);
  const ns = async (type: string, limit: number) =>
    (await feed.latest({ type, limit })).map(({ data }) =>
      (data as { n: number }).n
    );
  deepStrictEqual(await ns("function.updated", 3), [2, 3, 4]);
  deepStrictEqual(await ns("function.*", 100), [0, 1, 2, 3, 4]);
  deepStrictEqual(await ns("invocation.>", 100), [0]);
  deepStrictEqual(await ns(">", 2), [3, 4]);
  deepStrictEqual(await ns("trigger.fired", 2), []);
  const jsm = await jetstreamManager(nats.nc);
  // A server keeps a consumer for minutes, and finds it again at each restart.
  const { state } = await jsm.streams.info(STREAM.event);
  strictEqual(state.consumer_count, 0);
});

Deno.test("a follower hears what comes, passes over what is no event, and ends", async () => {
  await using nats = await startTestNats();
  const { sink, feed, id } = await world(nats);
  const heard: CloudEvent[] = [];
  const left = new AbortController();
  const following = feed.follow(
    "function.>",
    (e) => heard.push(e),
    left.signal,
  );
  const others = feed.follow(">", () => {}, new AbortController().signal);
  await nats.nc.flush();
  nats.nc.publish("functions.event.function.deployed", "no event");
  sink.emit({ type: "trigger.fired", functionId: id, data: {} });
  sink.emit({ type: "function.removed", functionId: id, data: {} });
  await until(() => heard.length === 1);
  strictEqual(heard[0]?.type, "oche.function.removed");
  left.abort();
  await following;
  feed[Symbol.dispose]();
  await others;
});

Deno.test("frequent events are asked for by a setting, and no more once it is unset", async () => {
  await using nats = await startTestNats();
  const { sink, registry, id } = await world(nats);
  deepStrictEqual([sink.wants(id), sink.wantsAny], [false, false]);
  await registry.configure(id, { events: true });
  deepStrictEqual([sink.wants(id), sink.wantsAny], [true, true]);
  await registry.configure(id, { events: null });
  strictEqual(sink.wantsAny, false);
  await registry.configure(id, { events: true });
  await registry.remove(id);
  strictEqual(sink.wantsAny, false);
});

Deno.test("a broken connection fails nobody who tells of something", async () => {
  await using nats = await startTestNats();
  await bootstrap(nats.nc);
  const nc = await connectNats(nats.url, "test");
  const warnings: string[] = [];
  const sink = openEventSink({
    nc,
    registry: memoryRegistry(),
    installation: undefined,
    log: createLogger((line) => warnings.push(line)),
  });
  await nc.close();
  doesNotThrow(() =>
    sink.emit({ type: "function.removed", functionId: "x", data: {} })
  );
  await until(() => warnings.length === 1);
});
