import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { CloudEvent as SdkEvent, HTTP } from "cloudevents";
import { memoryAsync } from "../support/memory_async.ts";
import { testGateway } from "../support/gateway.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const EVENT = new SdkEvent({
  id: "a-1",
  source: "/orders/42",
  type: "com.example.order.paid",
  time: "2026-02-03T04:05:06.789Z",
  traceparent: TRACE,
  data: { total: 5 },
});

const ROUTES = ["/fn/orders", "/api/functions/orders/invoke"];

/** What the function gets to see of an event that the SDK sends. */
async function seen(mode: "binary" | "structured", route: string) {
  const gateway = testGateway();
  await gateway.deployed("orders");
  const { headers, body } = HTTP[mode](EVENT);
  const answer = await gateway.call("POST", route, {
    body: String(body),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, String(value)]),
    ),
  });
  strictEqual(answer.status, 200);
  const [{ request } = {}] = gateway.invocations;
  ok(request);
  return request;
}

for (const route of ROUTES) {
  Deno.test(`${route}: an event looks the same in binary and structured mode`, async () => {
    for (const mode of ["binary", "structured"] as const) {
      const { method, body, headers } = await seen(mode, route);
      strictEqual(method, "POST");
      deepStrictEqual(body, { total: 5 });
      strictEqual(headers["content-type"]?.split(";")[0], "application/json");
      strictEqual(headers["traceparent"], TRACE);
      const read = HTTP.toEvent({ headers, body: JSON.stringify(body) });
      ok(read instanceof SdkEvent && read.validate());
      deepStrictEqual(
        [read.id, read.source, read.type, read.time],
        [EVENT.id, EVENT.source, EVENT.type, EVENT.time],
      );
    }
  });

  Deno.test(`${route}: an event without an id is refused before the function`, async () => {
    const gateway = testGateway();
    await gateway.deployed("orders");
    const answer = await gateway.call("POST", route, {
      body: JSON.stringify({ specversion: "1.0", source: "/x", type: "t" }),
      headers: { "content-type": "application/cloudevents+json" },
    });
    strictEqual(answer.status, 400);
    ok((await answer.json()).detail.includes("id"));
    strictEqual(gateway.invocations.length, 0);
  });

  Deno.test(`${route}: a batch is a list`, async () => {
    const gateway = testGateway();
    await gateway.deployed("orders");
    const batch = [EVENT, EVENT.cloneWith({ id: "a-2" })]
      .map((event) => event.toJSON());
    await gateway.call("POST", route, {
      body: JSON.stringify(batch),
      headers: { "content-type": "application/cloudevents-batch+json" },
    });
    deepStrictEqual(
      gateway.invocations[0]?.request.body,
      JSON.parse(JSON.stringify(batch)),
    );
  });

  Deno.test(`${route}: an event that nobody waits for keeps its trace`, async () => {
    const gateway = testGateway();
    const async = memoryAsync();
    Object.assign(gateway.deps, { async });
    const functionId = await gateway.deployed("orders");
    const { headers, body } = HTTP.structured(EVENT);
    const answer = await gateway.call("POST", route, {
      body: String(body),
      headers: {
        ...headers as Record<string, string>,
        prefer: "respond-async",
      },
    });
    strictEqual(answer.status, 202);
    const [submission] = async.submissions;
    strictEqual(submission?.functionId, functionId);
    strictEqual(submission.traceparent, TRACE);
    strictEqual(submission.request.headers["ce-id"], EVENT.id);
  });
}
