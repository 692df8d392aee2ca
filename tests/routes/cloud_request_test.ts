/** A request on its way in: its JSON says what it is, and the body is as it came. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import fc from "fast-check";
import { toPassedRequest } from "../../routes/cloud_request.ts";
import { jsonOf } from "../../src/contracts/json_source.ts";

const VIEW = { prefix: "/fn/f", withAuthorization: false };

function convert(body: Uint8Array<ArrayBuffer> | string, type: string) {
  const bytes = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  const request = new Request("http://h/fn/f/a?b=c", {
    method: "PUT",
    headers: { "content-type": type },
    body: bytes,
  });
  const made = toPassedRequest(request, bytes, VIEW);
  return { made, json: new TextDecoder().decode(jsonOf(made)) };
}

Deno.test("a request's JSON says the same as the request", () => {
  const types = fc.constantFrom(
    "application/json",
    "application/cloudevents+json; charset=UTF-8",
    "application/json; charset=utf-16le",
    'application/json;charset="latin1"',
    "text/plain",
    "image/png",
  );
  const bodies = fc.oneof(
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.json().map((text) => new TextEncoder().encode(`\ufeff \n${text}\t`)),
    fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(bodies, types, (body, type) => {
      const bytes = new Uint8Array(body);
      const { made, json } = convert(bytes, type);
      deepStrictEqual(JSON.parse(json), JSON.parse(JSON.stringify(made)));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a JSON body goes in as it came", () => {
  const body = '{ "n": 12345678901234567890, "f": 1.0, "e": "\\u00e9" }';
  const { made, json } = convert(body, "application/json");
  strictEqual(json.endsWith(`,"body":${body}}`), true);
  strictEqual((made.body as { e: string }).e, "é");
});

const ENCODED: [what: string, body: string, type: string, expected: RegExp][] =
  [
    ["no JSON", "{oops", "application/json", /"body":"\{oops"\}$/],
    ["a string", '"a"', "application/json", /"body":"a"\}$/],
    ["a byte order mark", "\ufeff[1]", "application/json", /"body":\[1\]\}$/],
    ["text", "[1]", "text/plain", /"body":"\[1\]"\}$/],
    ["nothing", "", "application/json", /"body":null\}$/],
  ];

for (const [what, body, type, expected] of ENCODED) {
  Deno.test(`a body of ${what} is encoded anew`, () => {
    match(convert(body, type).json, expected);
  });
}
