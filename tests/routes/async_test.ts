import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { DeadLetter } from "../../src/contracts/dead.ts";
import { AppError } from "../../src/contracts/error.ts";
import { KEY, type TestGateway, testGateway } from "../support/gateway.ts";
import type { MemoryAsync } from "../support/memory_async.ts";

const ASYNC = { prefer: "respond-async" };
const DAY_MS = 86_400_000;

function gatewayWithAsync(): { gateway: TestGateway; port: MemoryAsync } {
  const gateway = testGateway();
  return { gateway, port: gateway.deps.async as MemoryAsync };
}

for (
  const [prefer, isAsync] of [
    ["respond-async", true],
    ["wait=10, Respond-Async; x=1", true],
    ["return=minimal", false],
    ["not-respond-async", false],
  ] as const
) {
  Deno.test(`Prefer: ${prefer} is ${isAsync ? "" : "not "}asynchronous`, async () => {
    const { gateway } = gatewayWithAsync();
    await gateway.deployed("hello");
    const response = await gateway.call("POST", "/fn/hello", {
      headers: { prefer },
    });
    strictEqual(response.status, isAsync ? 202 : 200);
    await response.body?.cancel();
  });
}

for (const path of ["/fn/hello", "/api/functions/hello/invoke"]) {
  Deno.test(`POST ${path} refuses to delay a call that is waited for`, async () => {
    const { gateway } = gatewayWithAsync();
    await gateway.deployed("hello");
    for (const name of ["oche-delay", "oche-at"]) {
      const response = await gateway.call("POST", path, {
        headers: { [name]: "10" },
      });
      strictEqual(response.status, 400);
      match((await response.json()).hint, /respond-async/);
    }
  });
}

Deno.test("a 202 says where to look, and what was submitted is the whole request", async () => {
  const { gateway, port } = gatewayWithAsync();
  let id = "";
  for (let version = 1; version <= 3; version++) {
    id = await gateway.deployed("hello");
  }
  const response = await gateway.call("PUT", "/fn/hello/a?b=c", {
    headers: {
      ...ASYNC,
      "oche-priority": "7",
      "oche-version": "3",
      traceparent: "00-a-b-01",
      "content-type": "application/json",
    },
    body: '{"n":1}',
  });
  strictEqual(response.status, 202);
  const { invocationId, ...body } = await response.json();
  deepStrictEqual(body, {
    functionId: id,
    function: "hello",
    duplicate: false,
    url: `/api/invocations/${invocationId}`,
  });
  strictEqual(response.headers.get("location"), body.url);
  const [submission] = port.submissions;
  strictEqual(submission?.request.method, "PUT");
  strictEqual(submission.request.path, "/a");
  deepStrictEqual(submission.request.body, { n: 1 });
  strictEqual(submission.priority, 7);
  strictEqual(submission.version, 3);
  strictEqual(submission.traceparent, "00-a-b-01");
  strictEqual("authorization" in submission.request.headers, false);
});

Deno.test("an Idempotency-Key is one invocation of one function", async () => {
  const { gateway, port } = gatewayWithAsync();
  await gateway.deployed("hello");
  await gateway.deployed("other");
  const ask = async (name: string) => {
    const response = await gateway.call("POST", `/fn/${name}`, {
      headers: { ...ASYNC, "idempotency-key": "k" },
    });
    const { invocationId } = await response.json();
    return invocationId;
  };
  const [a, b, c] = [
    await ask("hello"),
    await ask("hello"),
    await ask("other"),
  ];
  strictEqual(a, b);
  ok(a !== c);
  strictEqual(port.submissions.length, 2);
});

Deno.test("an Idempotency-Key is refused with another request, not with the same", async () => {
  const { gateway, port } = gatewayWithAsync();
  await gateway.deployed("hello");
  const ask = async (path: string, body: string) => {
    const response = await gateway.call("POST", path, {
      headers: {
        ...ASYNC,
        "idempotency-key": "k",
        "x-at": String(Math.random()),
      },
      body,
    });
    const { code, hint } = await response.json();
    return [response.status, code, hint !== undefined];
  };
  const taken = [202, undefined, false];
  const refused = [422, "key_reused", true];
  deepStrictEqual(await ask("/fn/hello?a=1", '{"n":1}'), taken);
  deepStrictEqual(await ask("/fn/hello?a=1", '{"n":1}'), taken);
  deepStrictEqual(await ask("/fn/hello?a=1", '{"n":2}'), refused);
  deepStrictEqual(await ask("/fn/hello?a=2", '{"n":1}'), refused);
  deepStrictEqual(await ask("/fn/hello/x?a=1", '{"n":1}'), refused);
  // Both may find nothing before they submit.
  const { find } = port;
  port.find = () => {
    port.find = find;
    return Promise.resolve(undefined);
  };
  deepStrictEqual(await ask("/fn/hello?a=1", '{"n":3}'), refused);
  strictEqual(port.submissions.length, 1);
});

Deno.test("a version that is unknown or failed is refused before the 202, one that is built is not", async () => {
  const { gateway, port } = gatewayWithAsync();
  const id = await gateway.deployed("hello");
  const { registry } = gateway.deps;
  await registry.addVersion(id, "1".repeat(64));
  await registry.updateVersion(id, 2, { status: "failed" });
  await registry.addVersion(id, "2".repeat(64));
  const ask = async (version: string) => {
    const response = await gateway.call("POST", "/fn/hello", {
      headers: { ...ASYNC, "oche-version": version },
    });
    return [response.status, (await response.json()).detail];
  };
  deepStrictEqual(await ask("9"), [
    404,
    'Cannot invoke version 9 of "hello": it is unknown',
  ]);
  deepStrictEqual(await ask("2"), [
    404,
    'Cannot invoke version 2 of "hello": it is failed',
  ]);
  strictEqual(port.submissions.length, 0);
  strictEqual((await ask("3"))[0], 202);
});

for (
  const [name, value, ms] of [
    ["oche-delay", "90", 90_000],
    ["oche-delay", "1.5", 1_500],
    ["oche-delay", "PT5M", 300_000],
    ["oche-delay", "P1DT2H3M4.5S", DAY_MS + 7_384_500],
    ["oche-delay", "P2W", 14 * DAY_MS],
  ] as const
) {
  Deno.test(`${name}: ${value} starts ${ms} ms later`, async () => {
    const { gateway, port } = gatewayWithAsync();
    await gateway.deployed("hello");
    const before = Date.now();
    const response = await gateway.call("POST", "/fn/hello", {
      headers: { ...ASYNC, [name]: value },
    });
    strictEqual(response.status, 202);
    const notBefore = port.submissions[0]?.notBefore ?? 0;
    ok(notBefore >= before + ms && notBefore <= Date.now() + ms);
  });
}

for (
  const [value, at] of [
    ["2030-01-31T12:00:00Z", Date.UTC(2030, 0, 31, 12)],
    ["2030-01-31t14:00:00.5+02:00", Date.UTC(2030, 0, 31, 12) + 500],
    ["1900000000000", 1_900_000_000_000],
  ] as const
) {
  Deno.test(`Oche-At: ${value} starts then`, async () => {
    const { gateway, port } = gatewayWithAsync();
    await gateway.deployed("hello");
    await gateway.call("POST", "/fn/hello", {
      headers: { ...ASYNC, "oche-at": value },
    });
    strictEqual(port.submissions[0]?.notBefore, at);
  });
}

const REFUSED: Record<string, string>[] = [
  { "oche-delay": "soon" },
  { "oche-delay": "-1" },
  { "oche-delay": "P" },
  { "oche-delay": "PT" },
  { "oche-delay": "P1Y" },
  { "oche-delay": "1e9" },
  { "oche-at": "tomorrow" },
  { "oche-at": "2030-01-31" },
  { "oche-at": "2030-13-31T12:00:00Z" },
  { "oche-at": "2030-02-31T12:00:00Z" },
  { "oche-at": "2030-01-31T24:00:00Z" },
  { "oche-delay": "1", "oche-at": "2030-01-31T12:00:00Z" },
  { "oche-priority": "10" },
  { "oche-priority": "high" },
  { "oche-version": "zero" },
];

for (const headers of REFUSED) {
  Deno.test(`an asynchronous call with ${JSON.stringify(headers)} is refused`, async () => {
    const { gateway, port } = gatewayWithAsync();
    await gateway.deployed("hello");
    const response = await gateway.call("POST", "/fn/hello", {
      headers: { ...ASYNC, ...headers },
    });
    strictEqual(response.status, 400);
    strictEqual((await response.json()).code, "invalid");
    strictEqual(port.submissions.length, 0);
  });
}

Deno.test("a callback is checked before the 202, and is not for who has no key", async () => {
  const { gateway, port } = gatewayWithAsync();
  gateway.deps.checkCallback = () => {
    throw new AppError("forbidden", "Not there");
  };
  await gateway.deployed("open", { public: true });
  const headers = { ...ASYNC, "oche-callback-subject": "orders.done" };
  const refused = await gateway.call("POST", "/fn/open", { headers });
  strictEqual(refused.status, 403);
  const keyless = await gateway.call("POST", "/fn/open", { headers, key: "" });
  strictEqual(keyless.status, 401);
  strictEqual(port.submissions.length, 0);
  const without = await gateway.call("POST", "/fn/open", {
    headers: ASYNC,
    key: "",
  });
  strictEqual(without.status, 202);
});

Deno.test("a function without a ready version is not found, like for a call that waits", async () => {
  const { gateway } = gatewayWithAsync();
  await gateway.deps.registry.ensure("empty", {});
  const response = await gateway.call("POST", "/fn/empty", { headers: ASYNC });
  strictEqual(response.status, 404);
});

Deno.test("who may see and cancel an invocation", async () => {
  const { gateway, port } = gatewayWithAsync();
  for (const name of ["closed", "open"]) {
    const id = await gateway.deployed(name, { public: name === "open" });
    await port.submit({
      functionId: id,
      invocationId: name,
      source: { type: "http" },
      request: { method: "GET", path: "/", headers: {}, query: {}, body: null },
    });
  }
  const status = async (method: string, id: string, key: string) =>
    (await gateway.call(method, `/api/invocations/${id}`, { key })).status;
  strictEqual(await status("GET", "closed", ""), 401);
  strictEqual(await status("GET", "closed", KEY.invoke), 200);
  strictEqual(await status("GET", "closed", KEY.read), 200);
  strictEqual(await status("GET", "closed", KEY.deploy), 403);
  strictEqual(await status("GET", "open", ""), 200);
  strictEqual(await status("GET", "nope", ""), 401);
  strictEqual(await status("GET", "nope", KEY.invoke), 404);
  strictEqual(await status("DELETE", "open", ""), 401);
  strictEqual(await status("DELETE", "closed", KEY.read), 403);
  strictEqual(await status("DELETE", "closed", KEY.invoke), 200);
  strictEqual(port.records.get("closed")?.state, "cancelled");
  const bad = await gateway.call("GET", "/api/invocations/a.b");
  strictEqual(bad.status, 400);
});

Deno.test("a result is the function's answer as it would have been", async () => {
  const { gateway, port } = gatewayWithAsync();
  const functionId = await gateway.deployed("hello");
  const { invocationId } = await port.submit({
    functionId,
    source: { type: "http" },
    request: { method: "GET", path: "/", headers: {}, query: {}, body: null },
  });
  const path = `/api/invocations/${invocationId}/result`;
  strictEqual((await gateway.call("GET", path)).status, 404);
  const record = port.records.get(invocationId);
  ok(record);
  port.records.set(invocationId, {
    ...record,
    state: "succeeded",
    result: {
      statusCode: 418,
      headers: { "x-a": "b" },
      body: "tea",
      bytes: 3,
    },
  });
  const response = await gateway.call("GET", path);
  strictEqual(response.status, 418);
  strictEqual(response.headers.get("x-a"), "b");
  strictEqual(await response.text(), "tea");
});

async function withLetters(): Promise<
  { gateway: TestGateway; port: MemoryAsync; functionId: string }
> {
  const { gateway, port } = gatewayWithAsync();
  const functionId = await gateway.deployed("hello");
  const request = {
    method: "GET",
    path: "/",
    headers: {},
    query: {},
    body: null,
  };
  for (const [id, reason] of [["l1", "exhausted"], ["l2", "expired"]]) {
    await gateway.deps.dead.add(DeadLetter.parse({
      id,
      functionId,
      reason,
      deadAt: "2026-01-01T00:00:00.000Z",
      attempts: 3,
      message: {
        functionId,
        invocationId: id,
        request,
        source: { type: "http" },
        redriveOf: ["l0"],
      },
    }));
  }
  return { gateway, port, functionId };
}

Deno.test("a redrive is a new invocation that names the one it repeats; the letter goes", async () => {
  const { gateway, port } = await withLetters();
  const response = await gateway.call("POST", "/api/dead/l1/redrive");
  strictEqual(response.status, 202);
  const { invocationId, redriveOf } = await response.json();
  deepStrictEqual(redriveOf, ["l0", "l1"]);
  deepStrictEqual(port.submissions[0]?.redriveOf, ["l0", "l1"]);
  strictEqual(port.submissions[0]?.invocationId, invocationId);
  strictEqual((await gateway.call("GET", "/api/dead/l1")).status, 404);
  strictEqual((await gateway.call("POST", "/api/dead/l1/redrive")).status, 404);
});

Deno.test("dead letters are listed, redriven and dropped by filter", async () => {
  const { gateway, port, functionId } = await withLetters();
  const list = await gateway.call("GET", "/api/dead?reason=expired");
  const { letters, more } = await list.json();
  strictEqual(more, false);
  deepStrictEqual(letters, [{
    id: "l2",
    functionId,
    function: "hello",
    reason: "expired",
    deadAt: "2026-01-01T00:00:00.000Z",
    attempts: 3,
  }]);
  const redriven = await gateway.call("POST", "/api/dead/redrive", {
    body: JSON.stringify({ function: "hello", reason: "expired" }),
  });
  deepStrictEqual(await redriven.json(), { done: 1, more: false });
  strictEqual(port.submissions.length, 1);
  const dropped = await gateway.call("POST", "/api/dead/drop", { body: "{}" });
  deepStrictEqual(await dropped.json(), { done: 1, more: false });
  const left = await gateway.call("GET", "/api/dead");
  deepStrictEqual((await left.json()).letters, []);
});

Deno.test("a bulk redrive takes no more a second than it is told", async () => {
  const { gateway, port } = await withLetters();
  const times: number[] = [];
  const { submit } = port;
  port.submit = async (submission) => {
    times.push(performance.now());
    return await submit(submission);
  };
  const response = await gateway.call("POST", "/api/dead/redrive", {
    body: JSON.stringify({ perSecond: 1 }),
  });
  strictEqual((await response.json()).done, 2);
  const gap = (times[1] ?? 0) - (times[0] ?? 0);
  // The first may come late, on a busy machine.
  ok(gap > 500, `only ${gap} ms apart`);
});

Deno.test("dead letters: bad filters are refused, and reading is not changing", async () => {
  const { gateway } = await withLetters();
  for (const query of ["reason=nope", "limit=0", "olderThanMs=-1"]) {
    strictEqual((await gateway.call("GET", `/api/dead?${query}`)).status, 400);
  }
  strictEqual(
    (await gateway.call("GET", "/api/dead?function=nope")).status,
    404,
  );
  const asRead = { key: KEY.read };
  strictEqual((await gateway.call("GET", "/api/dead", asRead)).status, 200);
  for (
    const [method, path] of [
      ["POST", "/api/dead/l1/redrive"],
      ["POST", "/api/dead/redrive"],
      ["POST", "/api/dead/drop"],
      ["DELETE", "/api/dead/l1"],
    ] as const
  ) strictEqual((await gateway.call(method, path, asRead)).status, 403);
});

Deno.test("a letter that cannot be read is not redriven, and says so", async () => {
  const { gateway } = gatewayWithAsync();
  await gateway.deps.dead.add({
    id: "x",
    functionId: "f",
    reason: "unreadable",
    deadAt: "2026-01-01T00:00:00.000Z",
    attempts: 0,
  });
  const response = await gateway.call("POST", "/api/dead/x/redrive");
  strictEqual(response.status, 409);
  match((await response.json()).hint, /oche dead drop x/);
  strictEqual((await gateway.call("DELETE", "/api/dead/x")).status, 204);
});
