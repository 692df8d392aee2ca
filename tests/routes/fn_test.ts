import { deepStrictEqual, match, strictEqual } from "node:assert";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import { failing, testGateway } from "../support/gateway.ts";

const JSON_TYPE = { "content-type": "application/json" };

interface RequestCase {
  it: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: BodyInit;
  expected: Record<string, unknown>;
}

/** What of an HTTP request a function is given. */
const REQUESTS: RequestCase[] = [
  {
    it: "the method",
    method: "DELETE",
    path: "/fn/hello",
    expected: { method: "DELETE", path: "/" },
  },
  {
    it: "the path after the name, decoded once",
    method: "GET",
    path: "/fn/hello/a%20b/%2525",
    expected: { path: "/a b/%25" },
  },
  {
    it: "a trailing slash",
    method: "GET",
    path: "/fn/hello/a/",
    expected: { path: "/a/" },
  },
  {
    it: "the last of repeated query keys, and all of them",
    method: "GET",
    path: "/fn/hello?x=1&x=2&y=",
    expected: {
      query: { x: "2", y: "" },
      queryAll: { x: ["1", "2"], y: [""] },
    },
  },
  {
    it: "a query key that is special to JavaScript",
    method: "GET",
    path: "/fn/hello?constructor=1",
    expected: { queryAll: { constructor: ["1"] } },
  },
  {
    it: "a JSON body, decoded",
    method: "POST",
    path: "/fn/hello",
    headers: JSON_TYPE,
    body: '{"name":"Ada"}',
    expected: { body: { name: "Ada" } },
  },
  {
    it: "invalid JSON as text",
    method: "POST",
    path: "/fn/hello",
    headers: JSON_TYPE,
    body: "{nope",
    expected: { body: "{nope" },
  },
  {
    it: "bytes as base64",
    method: "PUT",
    path: "/fn/hello",
    headers: { "content-type": "image/png" },
    body: new Uint8Array([0, 1, 255]),
    expected: { body: "AAH/", isBase64Encoded: true },
  },
  {
    it: "no body as null",
    method: "POST",
    path: "/fn/hello",
    expected: { body: null },
  },
];

for (const { it, method, path, headers, body, expected } of REQUESTS) {
  Deno.test(`/fn gives a function ${it}`, async () => {
    const gateway = testGateway();
    await gateway.deployed("hello");
    const response = await gateway.call(method, path, {
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
    });
    strictEqual(response.status, 200);
    const request: Record<string, unknown> = {
      ...gateway.invocations[0]?.request,
    };
    const seen = Object.fromEntries(
      Object.keys(expected).map((field) => [field, request[field]]),
    );
    deepStrictEqual(seen, expected);
  });
}

/** What of a function's answer goes out. */
const ANSWERS = [
  {
    it: "an object as JSON",
    answer: { statusCode: 201, body: { a: 1 } },
    status: 201,
    type: "application/json",
    text: '{"a":1}',
  },
  {
    it: "a string as text",
    answer: { statusCode: 200, body: "hi" },
    status: 200,
    type: "text/plain; charset=utf-8",
    text: "hi",
  },
  {
    it: "a string of its own type as it is",
    answer: {
      statusCode: 200,
      headers: { "Content-Type": "text/html" },
      body: "<p>",
    },
    status: 200,
    type: "text/html",
    text: "<p>",
  },
  {
    it: "null as nothing",
    answer: { statusCode: 200, body: null },
    status: 200,
    type: null,
    text: "",
  },
  {
    it: "no body with 204",
    answer: { statusCode: 204, body: "ignored" },
    status: 204,
    type: "text/plain; charset=utf-8",
    text: "",
  },
  {
    it: "its own error status",
    answer: {
      statusCode: 500,
      body: { error: "Function execution failed: x" },
    },
    status: 500,
    type: "application/json",
    text: '{"error":"Function execution failed: x"}',
  },
];

for (const { it, answer, status, type, text } of ANSWERS) {
  Deno.test(`/fn answers with ${it}`, async () => {
    const gateway = testGateway();
    await gateway.deployed("hello");
    gateway.answer = () => ({ response: CloudResponse.parse(answer) });
    const response = await gateway.call("GET", "/fn/hello");
    strictEqual(response.status, status);
    strictEqual(response.headers.get("content-type"), type);
    strictEqual(await response.text(), text);
    strictEqual(response.headers.get("oche-invocation-id"), "i-1");
    strictEqual(response.headers.get("oche-version"), "1");
    strictEqual(response.headers.get("oche-start"), "cold");
    strictEqual(response.headers.get("oche-duration-ms"), "1.5");
  });
}

for (
  const [method, path] of [
    ["GET", "/fn/hello"],
    ["POST", "/api/functions/hello/invoke"],
  ] as const
) {
  Deno.test(`${path} says where the time went`, async () => {
    const gateway = testGateway();
    await gateway.deployed("hello");
    const body = method === "POST" ? { body: "{}" } : {};
    const { headers } = await gateway.call(method, path, body);
    match(
      headers.get("server-timing") ?? "",
      /^queue;dur=0\.20, start;dur=0\.30, run;dur=\d+\.\d\d, wire;dur=\d+\.\d\d$/,
    );
    strictEqual(headers.get("oche-start"), "cold");
    strictEqual(headers.get("oche-duration-ms"), "1.5");
  });
}

Deno.test("/fn sends every set-cookie of a list", async () => {
  const gateway = testGateway();
  await gateway.deployed("hello");
  gateway.answer = () => ({
    response: CloudResponse.parse({
      statusCode: 200,
      headers: { "set-cookie": ["a=1", "b=2"] },
    }),
  });
  const { headers } = await gateway.call("GET", "/fn/hello");
  deepStrictEqual(headers.getSetCookie(), ["a=1", "b=2"]);
});

Deno.test("/fn keeps the caller's key from a function that is not public", async () => {
  const gateway = testGateway();
  await gateway.deployed("closed");
  await gateway.deployed("open", { public: true });
  await gateway.call("GET", "/fn/closed");
  await gateway.call("GET", "/fn/open");
  deepStrictEqual(
    gateway.invocations.map(({ request }) =>
      "authorization" in request.headers
    ),
    [false, true],
  );
});

Deno.test("/fn passes deadline, version and keys on", async () => {
  const gateway = testGateway();
  await gateway.deployed("hello");
  await gateway.call("GET", "/fn/hello", {
    headers: {
      "oche-deadline": "123",
      "oche-version": "7",
      "idempotency-key": "k",
      traceparent: "00-a-b-01",
    },
  });
  deepStrictEqual(gateway.invocations[0]?.options, {
    deadline: 123,
    version: 7,
    idempotencyKey: "k",
    traceparent: "00-a-b-01",
  });
});

const FAILURES = [
  { error: new AppError("timeout", "Cannot wait"), status: 504 },
  {
    error: new AppError("function_failed", "It died", { reason: "oom" }),
    status: 502,
  },
  {
    error: new AppError("busy", "Cannot start", { retryAfter: 2 }),
    status: 429,
    retryAfter: "2",
  },
  { error: new AppError("unavailable", "Cannot reach it"), status: 503 },
];

for (const { error, status, retryAfter } of FAILURES) {
  Deno.test(`/fn answers ${error.code} with a problem of status ${status}`, async () => {
    const gateway = testGateway();
    await gateway.deployed("hello");
    gateway.answer = failing(error);
    const response = await gateway.call("GET", "/fn/hello");
    strictEqual(response.status, status);
    strictEqual(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    strictEqual(response.headers.get("retry-after"), retryAfter ?? null);
    const problem = await response.json();
    strictEqual(problem.code, error.code);
    strictEqual(problem.reason, error.reason);
    strictEqual(problem.invocationId, "i-1");
  });
}

Deno.test("/fn refuses a body over the limit, declared or not", async () => {
  const gateway = testGateway({ bodyBytes: 10 });
  await gateway.deployed("hello");
  const body = new Uint8Array(11);
  const declared = await gateway.call("POST", "/fn/hello", {
    body,
    headers: { "content-length": "11" },
  });
  strictEqual(declared.status, 413);
  const streamed = await gateway.call("POST", "/fn/hello", { body });
  strictEqual(streamed.status, 413);
  strictEqual((await streamed.json()).code, "too_large");
  strictEqual(gateway.invocations.length, 0);
});

const BAD_PATHS = [
  { path: "/fn/Hello", status: 400 },
  { path: "/fn/hello/%ff", status: 400 },
  { path: "/fn/nope", status: 404 },
];

for (const { path, status } of BAD_PATHS) {
  Deno.test(`/fn answers "${path}" with ${status}`, async () => {
    const gateway = testGateway();
    await gateway.deployed("hello");
    strictEqual((await gateway.call("GET", path)).status, status);
  });
}
