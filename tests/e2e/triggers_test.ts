/** Cron, subject and chain triggers and lifecycle events on a whole stack, set up by the command line. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { headers } from "@nats-io/nats-core";
import { jetstreamManager } from "@nats-io/jetstream";
import { CloudEvent as SdkEvent, HTTP } from "cloudevents";
import type { CloudEvent } from "../../src/contracts/cloud_event.ts";
import { oche, ROOT } from "../support/oche_on_stack.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const WAIT_MS = 120_000;
const ORDER = '{"id":7,"items":[{"cents":250,"quantity":2},{"cents":99}]}';
const TOTAL = { order: 7, cents: 599 };
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** Answers with the request, or never, as it is told. */
const MIRROR = plainFunction(
  `
    if (request.body == 'hang') while (true) {}
    return CloudResponse.json({'headers': request.headers, 'body': request.body});`,
);

interface Event extends CloudEvent {
  data: Record<string, unknown>;
}

async function eventsOf(stack: TestStack, type: string): Promise<Event[]> {
  const out = await oche(
    stack,
    ...["events", "--type", type, "--limit", "1000", "--json"],
  );
  return JSON.parse(out).events;
}

/** Asks until there is an event of which that holds. */
async function untilEvent(
  stack: TestStack,
  type: string,
  holds: (data: Record<string, unknown>) => boolean,
): Promise<Event> {
  let found: Event | undefined;
  await until(async () => {
    found = (await eventsOf(stack, type)).find(({ data }) => holds(data));
    return found !== undefined;
  }, WAIT_MS);
  return found as Event;
}

async function addTrigger(
  stack: TestStack,
  name: string,
  trigger: Record<string, unknown>,
): Promise<void> {
  const answer = await stack.call("POST", `/api/functions/${name}/triggers`, {
    body: JSON.stringify(trigger),
  });
  strictEqual(answer.status, 201, await answer.text());
}

async function resultOf(stack: TestStack, id: unknown) {
  const answer = await stack.call("GET", `/api/invocations/${id}`);
  const record = await answer.json();
  return record.result?.body;
}

Deno.test("triggers and events on a whole stack", async (t) => {
  await using stack = await startTestStack("podman");
  const told: Event[] = [];
  const bus = stack.nc.subscribe("functions.event.>", {
    callback(_error, message) {
      const event = HTTP.toEvent({
        headers: { "content-type": message.headers?.get("content-type") },
        body: message.string(),
      });
      // Throws where it breaks the specification.
      ok(event instanceof SdkEvent && event.validate());
      strictEqual(message.subject, `functions.event.${event.type.slice(5)}`);
      told.push(message.json<Event>());
    },
  });
  await stack.nc.flush();

  await t.step("the examples deploy as they are", async () => {
    await oche(stack, "deploy", `${ROOT}/examples/cron-report`);
    await oche(stack, "deploy", `${ROOT}/examples/order-totals`);
    strictEqual((await stack.deploy("mirror", MIRROR)).status, 201);
    // Told of by the runtime, which waits for nobody with it.
    await until(async () =>
      (await eventsOf(stack, "function.deployed")).length === 3
    );
    const deployed = await eventsOf(stack, "function.deployed");
    deepStrictEqual(
      deployed.map(({ data }) => [data["function"], data["version"]]),
      [["cron-report", 1], ["order-totals", 1], ["mirror", 1]],
    );
    strictEqual(deployed[0]?.source, `/oche/${stack.installation}`);
  });

  await t.step(
    "a cron trigger fires, each time once, until it is paused",
    async () => {
      await oche(
        stack,
        ...["triggers", "add", "cron-report", "often", "--type", "cron"],
        ...["--expression", "* * * * * *", "--time-zone", "Europe/Berlin"],
      );
      match(
        await oche(stack, "triggers", "next", "often", "--count", "2"),
        /^\d{4}-.*Z\n\d{4}-.*Z\n$/,
      );
      const times = async () =>
        (await eventsOf(stack, "trigger.fired"))
          .filter(({ data }) => data["trigger"] === "often")
          .map(({ data }) => String(data["scheduledAt"]));
      await until(async () => (await times()).length >= 3, WAIT_MS);
      await oche(stack, "triggers", "pause", "often");
      const fired = await times();
      strictEqual(new Set(fired).size, fired.length);
      const { data } = await untilEvent(
        stack,
        "invocation.succeeded",
        (data) => data["function"] === "cron-report",
      );
      const report = await resultOf(stack, data["invocationId"]);
      strictEqual(report.trigger, "often");
      ok(fired.includes(report.scheduledAt));
    },
  );

  await t.step(
    "a message that is asked with gets the function's answer",
    async () => {
      await oche(
        stack,
        ...["triggers", "add", "order-totals", "orders", "--type", "subject"],
        ...["--subject", "orders.*.new", "--set", "reply=body"],
      );
      let answer: unknown;
      // The gateway hears of the trigger in the time of a message.
      await until(async () => {
        try {
          const reply = await stack.nc.request("orders.berlin.new", ORDER, {
            timeout: 20_000,
          });
          answer = reply.json();
          return true;
        } catch {
          return false;
        }
      }, WAIT_MS);
      deepStrictEqual(answer, TOTAL);
    },
  );

  await t.step("a message that nobody waits for runs too", async () => {
    stack.nc.publish("orders.bonn.new", ORDER);
    const { data } = await untilEvent(
      stack,
      "invocation.succeeded",
      (data) => data["function"] === "order-totals" && data["mode"] === "async",
    );
    deepStrictEqual(await resultOf(stack, data["invocationId"]), TOTAL);
  });

  await t.step(
    "a stream's message that fails is tried again, and is a dead letter at the end",
    async () => {
      const jsm = await jetstreamManager(stack.nc);
      await jsm.streams.add({ name: "BILLS", subjects: ["bills.>"] });
      await oche(
        stack,
        ...["triggers", "add", "order-totals", "bills", "--type", "subject"],
        ...["--subject", "bills.>", "--stream", "BILLS"],
        ...["--set", "deliver=all", "--set", "maxDeliver=2"],
        ...["--set", "backoffMs=50"],
      );
      stack.nc.publish("bills.bad", "no order");
      stack.nc.publish("bills.good", ORDER);
      const { data } = await untilEvent(
        stack,
        "invocation.dead",
        (data) => data["trigger"] === "bills",
      );
      deepStrictEqual([data["attempt"], data["messages"]], [2, ["BILLS.1"]]);
      const letters = await oche(stack, "dead", "list", "--json");
      const [letter] = JSON.parse(letters).letters;
      deepStrictEqual(
        [letter.id, letter.attempts, letter.lastError],
        [data["invocationId"], 2, "The function answered 422"],
      );
      await until(async () => {
        const consumers = await Array.fromAsync(jsm.consumers.list("BILLS"));
        return consumers.every((each) =>
          each.num_pending === 0 && each.num_ack_pending === 0
        );
      }, WAIT_MS);
    },
  );

  await t.step(
    "chains hand answers and problems on, with the trace, of calls that wait and that do not",
    async () => {
      await addTrigger(stack, "order-totals", {
        name: "billed",
        type: "chain",
        to: { function: "mirror" },
      });
      await addTrigger(stack, "order-totals", {
        name: "refused",
        type: "chain",
        on: "failure",
        to: { subject: "orders.refused" },
      });
      // The runtime hears of a chain in its own time.
      await until(async () => {
        for (const body of [ORDER, '"no order"']) {
          await (await stack.call("POST", "/fn/order-totals", {
            body,
            headers: { "content-type": "application/json" },
          })).body?.cancel();
        }
        const fired = (await eventsOf(stack, "trigger.fired"))
          .map(({ data }) => data["trigger"]);
        return fired.includes("billed") && fired.includes("refused");
      }, WAIT_MS);
      const refused: unknown[] = [];
      const subscription = stack.nc.subscribe("orders.refused", {
        callback(_error, message) {
          const { headers } = message;
          if (!headers?.get("traceparent").includes(TRACE_ID)) return;
          refused.push({
            ...message.json<Record<string, unknown>>(),
            hops: headers.get("Oche-Hops"),
          });
        },
      });
      await stack.nc.flush();
      for (const prefer of ["wait=1", "respond-async"]) {
        for (const body of [ORDER, '"no order"']) {
          const answer = await stack.call("POST", "/fn/order-totals", {
            body,
            headers: {
              prefer,
              "content-type": "application/json",
              traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
            },
          });
          await answer.body?.cancel();
        }
      }
      const chained = async () =>
        (await eventsOf(stack, "invocation.succeeded"))
          .filter(({ data, traceparent }) =>
            data["function"] === "mirror" &&
            String(traceparent).includes(TRACE_ID)
          );
      await until(
        async () => (await chained()).length === 2 && refused.length === 2,
        WAIT_MS,
      );
      for (const { data } of await chained()) {
        const { headers, body } = await resultOf(stack, data["invocationId"]);
        deepStrictEqual(body, TOTAL);
        strictEqual(headers["oche-chain-from"], "order-totals");
        strictEqual(headers["oche-chain-status"], "200");
        match(headers["traceparent"], new RegExp(`^00-${TRACE_ID}-`));
      }
      for (const problem of refused as Record<string, unknown>[]) {
        deepStrictEqual(
          [problem["code"], problem["answer"], problem["hops"]],
          [
            "function_failed",
            { statusCode: 422, body: { error: "No items" } },
            "1",
          ],
        );
      }
      subscription.unsubscribe();
    },
  );

  await t.step("a loop of a chain and a subject ends", async () => {
    await addTrigger(stack, "mirror", {
      name: "out",
      type: "chain",
      to: { subject: "loop.round" },
    });
    await addTrigger(stack, "mirror", {
      name: "in",
      type: "subject",
      subject: "loop.>",
    });
    let dropped: Event | undefined;
    // Who fires them hears of them in its own time.
    await until(async () => {
      await stack.invoke("mirror");
      dropped = (await eventsOf(stack, "trigger.dropped")).find(({ data }) =>
        data["trigger"] === "out" || data["trigger"] === "in"
      );
      return dropped !== undefined;
    }, WAIT_MS);
    match(String(dropped?.data["why"]), /^it is hop 16$/);
    for (const name of ["out", "in"]) {
      await oche(stack, "triggers", "remove", name);
    }
  });

  await t.step(
    "CloudEvents look the same over HTTP and NATS, in both modes",
    async () => {
      const event = new SdkEvent({
        source: "/shop",
        type: "com.example.paid",
        data: { total: 5 },
      });
      const seen = [];
      for (const mode of ["binary", "structured"] as const) {
        const message = HTTP[mode](event);
        const given = message.headers as Record<string, string>;
        const answer = await stack.call("POST", "/fn/mirror", {
          body: String(message.body),
          headers: given,
        });
        seen.push(await answer.json());
        const h = headers();
        for (const [name, value] of Object.entries(given)) h.set(name, value);
        const reply = await stack.nc.request(
          "functions.invoke.mirror",
          String(message.body),
          { headers: h, timeout: 20_000 },
        );
        seen.push(reply.json<{ body: unknown }>().body);
      }
      for (const { headers, body } of seen) {
        const read = HTTP.toEvent({ headers, body: JSON.stringify(body) });
        ok(read instanceof SdkEvent);
        deepStrictEqual(
          [read.id, read.source, read.type, read.time, read.data],
          [event.id, event.source, event.type, event.time, event.data],
        );
      }
    },
  );

  await t.step(
    "a sandbox that is killed, a failed deploy, changes and removal are told of",
    async () => {
      await stack.invoke("mirror", { body: "hang" });
      const killed = await untilEvent(stack, "sandbox.killed", () => true);
      strictEqual(killed.data["reason"], "timeout");
      const bad = await stack.deploy("mirror", { "lib/a.dart": "class A {}" });
      strictEqual(bad.status, 422);
      await untilEvent(
        stack,
        "function.deploy_failed",
        ({ problem }) =>
          (problem as { code: string }).code === "injection_failed",
      );
      await oche(stack, "configure", "mirror", "--events");
      await untilEvent(
        stack,
        "function.updated",
        (data) => data["why"] === "settings",
      );
      await oche(stack, "delete", "mirror");
      const removed = await untilEvent(stack, "function.removed", () => true);
      strictEqual(removed.data["function"], "mirror");
    },
  );

  await t.step(
    "calls that wait are told of where it is asked for alone",
    async () => {
      const sync = async () =>
        (await eventsOf(stack, "invocation.*"))
          .filter(({ data }) => data["mode"] === "sync").length;
      await stack.invoke("order-totals");
      strictEqual(await sync(), 0);
      await oche(stack, "configure", "order-totals", "--events");
      await until(async () => {
        await stack.invoke("order-totals");
        return await sync() > 0;
      }, WAIT_MS);
    },
  );

  await t.step(
    "who follows hears what others publish and the API lists",
    async () => {
      const response = await stack.call(
        "GET",
        "/api/events?type=trigger.*",
        { headers: { accept: "text/event-stream" } },
      );
      const reader = response.body?.pipeThrough(new TextDecoderStream())
        .getReader();
      let text = "";
      const reading = (async () => {
        while (!text.includes("trigger.removed")) {
          text += (await reader?.read())?.value ?? "";
        }
      })();
      // Subscribed at some time after the answer began.
      await until(async () => {
        await addTrigger(stack, "order-totals", {
          name: "gone",
          type: "subject",
          subject: "gone",
        });
        await oche(stack, "triggers", "remove", "gone");
        return text.includes("trigger.removed");
      }, WAIT_MS);
      await reading;
      await reader?.cancel();
      const listed = await eventsOf(stack, ">");
      const heard = new Set(told.map(({ id }) => id));
      ok(listed.every(({ id }) => heard.has(id)));
    },
  );

  bus.unsubscribe();
});
