import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { CloudEvent as SdkEvent, HTTP } from "cloudevents";
import fc from "fast-check";
import {
  decodeAttribute,
  encodeAttribute,
  EVENT_TYPE,
  readEventMessage,
} from "../../src/contracts/cloud_event.ts";
import { AppError } from "../../src/contracts/error.ts";

const SAMPLE = {
  id: "a-1",
  source: "/orders/42",
  type: "com.example.order.paid",
  subject: "Größe 5%",
  time: "2026-02-03T04:05:06.789Z",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

/** What the SDK puts on the wire, as a gateway gets it. */
function sent(
  mode: "binary" | "structured",
  event: SdkEvent<unknown>,
): [Record<string, string>, Uint8Array] {
  const { headers, body } = HTTP[mode](event);
  return [
    Object.fromEntries(
      Object.entries(headers).map((
        [name, value],
      ) => [name.toLowerCase(), String(value)]),
    ),
    typeof body === "string"
      ? new TextEncoder().encode(body)
      : body as Uint8Array ?? new Uint8Array(),
  ];
}

function refusal(
  headers: Record<string, string>,
  body: string | Uint8Array,
): AppError {
  let thrown: unknown;
  throws(
    () =>
      readEventMessage(
        headers,
        typeof body === "string" ? new TextEncoder().encode(body) : body,
      ),
    (error) => {
      thrown = error;
      return error instanceof AppError;
    },
  );
  return AppError.from(thrown);
}

Deno.test("the SDK's binary and structured messages look the same to a function", () => {
  const event = new SdkEvent({
    ...SAMPLE,
    subject: "plain",
    datacontenttype: "application/json",
    data: { total: 5 },
  });
  const binary = readEventMessage(...sent("binary", event));
  const structured = readEventMessage(...sent("structured", event));
  deepStrictEqual(structured, binary);
  deepStrictEqual(binary?.body, { total: 5 });
  strictEqual(binary?.headers["ce-type"], SAMPLE.type);
  strictEqual(binary?.headers["ce-traceparent"], SAMPLE.traceparent);
  strictEqual(
    binary?.headers["content-type"]?.split(";")[0],
    "application/json",
  );
});

Deno.test("the SDK reads what a function gets to see", () => {
  const event = new SdkEvent({ ...SAMPLE, data: { total: 5 } });
  const message = readEventMessage(...sent("structured", event));
  ok(message);
  const read = HTTP.toEvent({
    headers: message.headers,
    body: JSON.stringify(message.body),
  }) as SdkEvent<unknown>;
  strictEqual(read.validate(), true);
  strictEqual(decodeAttribute(String(read.subject)), SAMPLE.subject);
  deepStrictEqual(
    [read.id, read.source, read.type, read.time, read.data],
    [SAMPLE.id, SAMPLE.source, SAMPLE.type, SAMPLE.time, { total: 5 }],
  );
});

Deno.test("binary data and text keep their kind in structured mode", () => {
  const bytes = new Uint8Array([0, 255, 1]);
  const event = { specversion: "1.0", id: "1", source: "/x", type: "t" };
  const read = (fields: object) =>
    readEventMessage(
      { "content-type": `${EVENT_TYPE}; charset=utf-8` },
      new TextEncoder().encode(JSON.stringify({ ...event, ...fields })),
    );
  deepStrictEqual(
    read({
      datacontenttype: "application/octet-stream",
      data_base64: btoa(String.fromCharCode(...bytes)),
    })?.body,
    "AP8B",
  );
  const json = read({
    datacontenttype: "application/json",
    data_base64: btoa('{"a":1}'),
  });
  deepStrictEqual(json?.body, { a: 1 });
  const text = read({ datacontenttype: "text/plain", data: "hello" });
  deepStrictEqual(text?.body, "hello");
  const nothing = read({});
  deepStrictEqual([nothing?.body, nothing?.headers["content-type"]], [
    null,
    undefined,
  ]);
});

Deno.test("a batch is a list of checked events", () => {
  const event = { specversion: "1.0", id: "1", source: "/x", type: "t" };
  const headers = { "content-type": "application/cloudevents-batch+json" };
  const text = JSON.stringify([event, { ...event, id: "2", data: [1] }]);
  deepStrictEqual(
    readEventMessage(headers, new TextEncoder().encode(text))?.body,
    JSON.parse(text),
  );
  ok(refusal(headers, '[{"id":"1"}]').message.includes("specversion"));
});

Deno.test("what is no event passes by", () => {
  strictEqual(
    readEventMessage({ "content-type": "application/json" }, new Uint8Array()),
    undefined,
  );
  strictEqual(
    readEventMessage({ "ce-type": "t" }, new Uint8Array()),
    undefined,
  );
});

Deno.test("an event that breaks the specification is refused, and says what is wrong", () => {
  const headers = { "content-type": EVENT_TYPE };
  const good = { specversion: "1.0", id: "1", source: "/x", type: "t" };
  for (
    const [fields, word] of [
      [{ specversion: "0.3" }, "specversion"],
      [{ id: "" }, "id"],
      [{ id: null }, "id"],
      [{ source: undefined }, "source"],
      [{ type: 5 }, "type"],
      [{ time: "yesterday" }, "time"],
      [{ Bad_Name: "x" }, "Bad_Name"],
      [{ nested: {} }, "nested"],
      [{ data: 1, data_base64: "AA==" }, "data"],
      [{ data_base64: "?" }, "data_base64"],
    ] as const
  ) {
    const error = refusal(headers, JSON.stringify({ ...good, ...fields }));
    strictEqual(error.code, "invalid");
    ok(error.message.includes(word), error.message);
  }
  strictEqual(refusal(headers, "{").code, "invalid");
  strictEqual(refusal(headers, new Uint8Array([0xff])).code, "invalid");
  strictEqual(
    refusal({ "ce-specversion": "1.0", "ce-id": "1" }, "").code,
    "invalid",
  );
  strictEqual(
    refusal({ "content-type": "application/cloudevents+xml" }, "").code,
    "unsupported",
  );
});

Deno.test("property: attributes survive a header", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const header = encodeAttribute(text);
      ok(/^[\x21-\x7e]*$/.test(header));
      strictEqual(decodeAttribute(header), text.toWellFormed());
    }),
  );
});

Deno.test("property: no bytes crash the reader", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((t) => new TextEncoder().encode(t)),
      ),
      fc.constantFrom(
        EVENT_TYPE,
        "application/cloudevents-batch+json",
        "application/cloudevents",
      ),
      (bytes, type) => {
        try {
          readEventMessage({ "content-type": type }, bytes);
        } catch (error) {
          ok(error instanceof AppError);
        }
      },
    ),
  );
});
