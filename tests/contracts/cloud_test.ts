import { deepStrictEqual, strictEqual } from "node:assert";
import { CloudRequest, CloudResponse } from "../../src/contracts/cloud.ts";

Deno.test("CloudRequest fills in the defaults of the spec", () => {
  deepStrictEqual(CloudRequest.parse({}), {
    method: "POST",
    path: "/",
    headers: {},
    query: {},
    body: null,
  });
});

Deno.test("CloudRequest takes header names in lower case", () => {
  deepStrictEqual(CloudRequest.parse({ headers: { "X-A": "1" } }).headers, {
    "x-a": "1",
  });
});

const REFUSED_REQUESTS: [string, unknown][] = [
  ["an array", []],
  ["a method with a space", { method: "GET /" }],
  ["a header that is a number", { headers: { a: 1 } }],
  ["a header with a line break", { headers: { a: "1\r\nb: 2" } }],
  ["a header name with a colon", { headers: { "a:b": "1" } }],
  ["a query value that is a list", { query: { a: ["1"] } }],
  ["a path that is a number", { path: 7 }],
];

for (const [what, value] of REFUSED_REQUESTS) {
  Deno.test(`CloudRequest refuses ${what}`, () => {
    strictEqual(CloudRequest.safeParse(value).success, false);
  });
}

Deno.test("CloudResponse takes lists of header values", () => {
  const headers = { "Set-Cookie": ["a=1", "b=2"] };
  deepStrictEqual(
    CloudResponse.parse({ statusCode: 200, headers, body: 1 }).headers,
    { "set-cookie": ["a=1", "b=2"] },
  );
});

const REFUSED_RESPONSES: [string, unknown][] = [
  ["no status", { body: 1 }],
  ["status 99", { statusCode: 99 }],
  ["status 101", { statusCode: 101 }],
  ["status 1000", { statusCode: 1000 }],
  ["a status in words", { statusCode: "200" }],
  ["a status with a fraction", { statusCode: 200.5 }],
  ["headers that are a list", { statusCode: 200, headers: [] }],
  ["a header with CR LF", { statusCode: 200, headers: { a: "1\r\nb: 2" } }],
  ["a header name with a space", { statusCode: 200, headers: { "a b": "1" } }],
  ["a header that is a number", { statusCode: 200, headers: { a: 1 } }],
  ["what is not base64", { statusCode: 200, body: "?", isBase64Encoded: true }],
  ["base64 of an object", { statusCode: 200, body: {}, isBase64Encoded: true }],
  ["null", null],
  ["a string", "hi"],
];

for (const [what, value] of REFUSED_RESPONSES) {
  Deno.test(`CloudResponse refuses ${what}`, () => {
    strictEqual(CloudResponse.safeParse(value).success, false);
  });
}
