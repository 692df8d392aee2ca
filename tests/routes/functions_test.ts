import { deepStrictEqual, strictEqual } from "node:assert";
import { testGateway } from "../support/gateway.ts";

Deno.test("functions lists, shows and deletes", async () => {
  const gateway = testGateway();
  const id = await gateway.deployed("hello");
  const list = await (await gateway.call("GET", "/api/functions")).json();
  deepStrictEqual(
    list.functions.map((
      { name, current, status }: Record<string, unknown>,
    ) => ({
      name,
      current,
      status,
    })),
    [{ name: "hello", current: 1, status: "ready" }],
  );
  const byId = await (await gateway.call("GET", `/api/functions/${id}`)).json();
  strictEqual(byId.name, "hello");
  strictEqual(
    (await gateway.call("DELETE", "/api/functions/hello")).status,
    204,
  );
  strictEqual((await gateway.call("GET", "/api/functions/hello")).status, 404);
});

Deno.test("rollback goes to the ready version before, or to the one named", async () => {
  const gateway = testGateway();
  for (let i = 0; i < 3; i++) await gateway.deployed("hello");
  const before = await gateway.call("POST", "/api/functions/hello/rollback");
  strictEqual((await before.json()).current, 2);
  const named = await gateway.call("POST", "/api/functions/hello/rollback", {
    body: '{"version":3}',
  });
  strictEqual((await named.json()).current, 3);
});

Deno.test("a PATCH sets, null unsets, and what is no setting is refused", async () => {
  const gateway = testGateway();
  await gateway.deployed("hello");
  async function patch(body: string) {
    const path = "/api/functions/hello";
    const answer = await gateway.call("PATCH", path, { body });
    return { status: answer.status, ...await answer.json() };
  }
  const set = await patch('{"isolation":"single-use","minWarm":1}');
  deepStrictEqual(set.settings, { isolation: "single-use", minWarm: 1 });
  const unset = await patch('{"minWarm":null,"public":true}');
  deepStrictEqual([unset.settings, unset.public], [
    { isolation: "single-use" },
    true,
  ]);
  strictEqual((await patch('{"network":"db"}')).settings.network, "db");
  const refused = await patch('{"network":"other"}');
  deepStrictEqual([refused.code, refused.hint], [
    "forbidden",
    "Use one of these: db",
  ]);
  strictEqual((await patch('{"network":"host"}')).code, "invalid");
  strictEqual((await patch('{"network":null}')).settings.network, undefined);
  for (const body of ['{"minWarm":-1}', '{"isolation":"x"}', '{"nope":1}']) {
    strictEqual((await patch(body)).code, "invalid");
  }
});

const ROLLBACKS = [
  { it: "a version that is not there", body: '{"version":9}', status: 404 },
  { it: "a version that is no number", body: '{"version":"1"}', status: 400 },
  { it: "what is not JSON", body: "nope", status: 400 },
  { it: "to go before the first", body: "", status: 409 },
];

for (const { it, body, status } of ROLLBACKS) {
  Deno.test(`rollback refuses ${it}`, async () => {
    const gateway = testGateway();
    await gateway.deployed("hello");
    const response = await gateway.call(
      "POST",
      "/api/functions/hello/rollback",
      { body },
    );
    strictEqual(response.status, status);
  });
}

Deno.test("logs answers with lines in the documented shape", async () => {
  const gateway = testGateway();
  const functionId = await gateway.deployed("hello");
  await gateway.deps.logs.append({
    functionId,
    version: 1,
    invocationId: "i",
    lines: [{ level: "info", message: "m", timestamp: "2026-01-01T00:00:00Z" }],
  });
  const response = await gateway.call("GET", "/api/functions/hello/logs");
  deepStrictEqual(await response.json(), {
    logs: [{
      level: "info",
      message: "m",
      timestamp: "2026-01-01T00:00:00Z",
      invocationId: "i",
      version: 1,
    }],
  });
});

Deno.test("an unknown route is a problem too", async () => {
  const response = await testGateway().call("GET", "/nope");
  strictEqual(response.status, 404);
  strictEqual(response.headers.get("content-type"), "application/problem+json");
});

Deno.test("invoke answers with an envelope, logs included", async () => {
  const gateway = testGateway();
  await gateway.deployed("hello");
  const response = await gateway.call("POST", "/api/functions/hello/invoke", {
    body: JSON.stringify({ body: { name: "Ada" }, path: "/a%20b" }),
  });
  strictEqual(response.status, 200);
  const envelope = await response.json();
  deepStrictEqual(Object.keys(envelope).sort(), [
    "body",
    "durationMs",
    "headers",
    "invocationId",
    "logs",
    "start",
    "statusCode",
    "version",
  ]);
  strictEqual(envelope.body.path, "/a%20b");
  strictEqual(envelope.body.method, "POST");
});

Deno.test("invoke refuses an envelope that is not one", async () => {
  const gateway = testGateway();
  await gateway.deployed("hello");
  for (const body of ["[]", "nope", '{"headers":{"a":1}}']) {
    const { status } = await gateway.call(
      "POST",
      "/api/functions/hello/invoke",
      {
        body,
      },
    );
    strictEqual(status, 400);
  }
});
