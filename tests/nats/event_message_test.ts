import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { headers } from "@nats-io/nats-core";
import { CloudEvent as SdkEvent, HTTP } from "cloudevents";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import type { CloudRequest } from "../../src/contracts/cloud.ts";
import { replyOf } from "../support/reply.ts";
import { startWire } from "../support/wire.ts";

const EVENT = new SdkEvent({
  id: "a-1",
  source: "/orders/42",
  type: "com.example.order.paid",
  datacontenttype: "application/octet-stream",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
});

/** The SDK's message, as the NATS binding puts it: the same headers and body. */
function natsHeaders(from: Record<string, unknown>) {
  const h = headers();
  for (const [name, value] of Object.entries(from)) h.set(name, String(value));
  return h;
}

Deno.test("functions.invoke takes CloudEvents in binary and structured mode", async () => {
  await using wire = await startWire();
  const requests: CloudRequest[] = [];
  await wire.serve({
    invoke(_ref, request) {
      requests.push(request);
      const response = CloudResponse.parse({ statusCode: 200 });
      return Promise.resolve(replyOf({ response }));
    },
  });
  const bytes = new Uint8Array([0, 255, 254]);
  const binary = HTTP.binary(EVENT);
  await wire.request(
    "functions.invoke.orders",
    bytes,
    natsHeaders(binary.headers),
  );
  const structured = HTTP.structured(
    EVENT.cloneWith({ data_base64: "AP/+" }, false),
  );
  await wire.request(
    "functions.invoke.orders",
    String(structured.body),
    natsHeaders(structured.headers),
  );
  const [first, second] = requests;
  ok(first && second);
  deepStrictEqual([first.body, first.isBase64Encoded], ["AP/+", true]);
  deepStrictEqual([second.body, second.isBase64Encoded], ["AP/+", true]);
  for (const { headers } of requests) {
    strictEqual(headers["ce-id"], EVENT.id);
    strictEqual(headers["ce-source"], EVENT.source);
    strictEqual(headers["content-type"], "application/octet-stream");
    strictEqual(headers["traceparent"], EVENT["traceparent"]);
  }
});

Deno.test("an event that is none is refused over NATS too", async () => {
  await using wire = await startWire();
  await wire.serve({});
  const reply = await wire.request(
    "functions.invoke.orders",
    "{}",
    natsHeaders({ "Content-Type": "application/cloudevents+json" }),
  );
  strictEqual(reply.headers?.get("Nats-Service-Error-Code"), "400");
});
