import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { hashKey } from "../../src/auth/api_key.ts";
import type { CloudEvent } from "../../src/contracts/cloud_event.ts";
import type { EventFeed } from "../../src/contracts/event.ts";
import { KEY, testGateway } from "../support/gateway.ts";

function event(id: string, name: string): CloudEvent {
  return {
    specversion: "1.0",
    id,
    source: "/oche",
    type: "oche.function.deployed",
    data: { function: name },
  };
}

/** Two events, of two functions. */
const FEED: EventFeed = {
  latest: ({ type }) =>
    Promise.resolve(
      type === "function.*" || type === ">"
        ? [event("1", "orders"), event("2", "other")]
        : [],
    ),
  follow(_type, callback, signal) {
    callback(event("1", "orders"));
    callback(event("2", "other"));
    return new Promise((resolve) =>
      signal.addEventListener("abort", () => resolve())
    );
  },
};

Deno.test("events are listed for a key that may read, by type", async () => {
  const gateway = testGateway({}, { feed: FEED });
  const ids = async (query: string) => {
    const answer = await gateway.call("GET", `/api/events${query}`, {
      key: KEY.read,
    });
    const { events } = await answer.json();
    return events.map(({ id }: CloudEvent) => id);
  };
  deepStrictEqual(await ids(""), ["1", "2"]);
  deepStrictEqual(await ids("?type=function.*"), ["1", "2"]);
  deepStrictEqual(await ids("?type=trigger.fired"), []);
});

Deno.test("events need a key with the scope read", async () => {
  const gateway = testGateway({}, { feed: FEED });
  for (const [key, status] of [["", 401], [KEY.invoke, 403]] as const) {
    const answer = await gateway.call("GET", "/api/events", { key });
    strictEqual(answer.status, status);
  }
});

Deno.test("a key that is limited to functions hears of those alone", async () => {
  const gateway = testGateway({}, { feed: FEED });
  await gateway.deps.keyStore.add({
    id: "limited",
    name: "limited",
    sha256: hashKey("limited-key"),
    scopes: ["read"],
    functions: ["orders"],
    createdAt: new Date().toISOString(),
  });
  const listed = await gateway.call("GET", "/api/events", {
    key: "limited-key",
  });
  deepStrictEqual((await listed.json()).events, [event("1", "orders")]);
});

Deno.test("a wrong type is refused", async () => {
  const gateway = testGateway({}, { feed: FEED });
  for (const type of ["functions..x", "a b", "x.>.y", "$SYS.>"]) {
    const path = `/api/events?type=${encodeURIComponent(type)}`;
    strictEqual((await gateway.call("GET", path)).status, 400, type);
  }
});

Deno.test("a follower gets each event, and ends when it leaves", async () => {
  const ended = Promise.withResolvers<void>();
  const gateway = testGateway({}, {
    feed: {
      ...FEED,
      async follow(type, callback, signal) {
        await FEED.follow(type, callback, signal);
        ended.resolve();
      },
    },
  });
  const answer = await gateway.call("GET", "/api/events", {
    headers: { accept: "text/event-stream" },
  });
  strictEqual(answer.headers.get("content-type"), "text/event-stream");
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"id":"2"')) text += (await reader?.read())?.value;
  ok(text.startsWith('event: event\ndata: {"specversion":"1.0","id":"1"'));
  await reader?.cancel();
  await ended.promise;
});
