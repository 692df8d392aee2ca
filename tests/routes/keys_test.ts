/** Keys over HTTP: made once shown, limited, ended. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { KEY, testGateway } from "../support/gateway.ts";

const FUTURE = "2999-01-01T00:00:00Z";

async function make(
  gateway: ReturnType<typeof testGateway>,
  request: Record<string, unknown>,
) {
  const response = await gateway.call("POST", "/api/keys", {
    body: JSON.stringify({ name: "test", scopes: ["invoke"], ...request }),
  });
  strictEqual(response.status, 201);
  return await response.json();
}

Deno.test("POST /api/keys shows a key once; the list holds neither it nor its digest", async () => {
  const gateway = testGateway();
  const made = await make(gateway, { functions: ["a-*"], expiresAt: FUTURE });
  match(made.key, /^oche_[\w-]{43}$/);
  deepStrictEqual(
    [made.name, made.scopes, made.functions, made.expiresAt],
    ["test", ["invoke"], ["a-*"], FUTURE],
  );
  const text = await (await gateway.call("GET", "/api/keys")).text();
  ok(text.includes(made.id));
  ok(!text.includes(made.key) && !text.includes("sha256"));
});

Deno.test("POST /api/keys keeps what is named twice once", async () => {
  const made = await make(testGateway(), {
    scopes: ["read", "invoke", "read"],
    functions: ["a-*", "a-*"],
  });
  deepStrictEqual(made.scopes, ["read", "invoke"]);
  deepStrictEqual(made.functions, ["a-*"]);
});

const REFUSED: [why: string, body: unknown, message: RegExp][] = [
  ["no scope", { scopes: [] }, /scopes/],
  ["an unknown scope", { scopes: ["root"] }, /scopes/],
  ["an empty name", { name: "" }, /name/],
  ["a name of control characters", { name: "a\nb" }, /name/],
  ["no function", { functions: [] }, /functions/],
  ["a pattern that no name has", { functions: ["UPPER"] }, /functions/],
  ["a time that is none", { expiresAt: "tomorrow" }, /expiresAt/],
  ["a time that has passed", { expiresAt: "2000-01-01T00:00:00Z" }, /expired/],
  ["an unknown field", { admin: true }, /admin/],
];

for (const [why, change, message] of REFUSED) {
  Deno.test(`POST /api/keys refuses ${why}`, async () => {
    const response = await testGateway().call("POST", "/api/keys", {
      body: JSON.stringify({
        name: "test",
        scopes: ["read"],
        ...change as Record<string, unknown>,
      }),
    });
    strictEqual(response.status, 400);
    match((await response.json()).detail, message);
  });
}

Deno.test("a key opens until it is revoked; again is harmless, another is 404", async () => {
  const gateway = testGateway();
  await gateway.deployed("hello");
  const { id, key } = await make(gateway, {});
  const call = () => gateway.call("GET", "/fn/hello", { key });
  strictEqual((await call()).status, 200);
  for (const _ of ["once", "again"]) {
    const { status } = await gateway.call("DELETE", `/api/keys/${id}`);
    strictEqual(status, 204);
  }
  const refused = await call();
  strictEqual(refused.status, 401);
  match((await refused.json()).detail, /the key is revoked/);
  strictEqual(
    (await gateway.call("DELETE", "/api/keys/nope")).status,
    404,
  );
});

Deno.test("a key that expired is 401, not 403", async () => {
  const gateway = testGateway();
  await gateway.deployed("hello");
  const { id, key } = await make(gateway, { expiresAt: FUTURE });
  const record = gateway.deps.keyStore.list().find((each) => each.id === id);
  ok(record);
  record.expiresAt = new Date(Date.now() - 1).toISOString();
  const refused = await gateway.call("GET", "/fn/hello", { key });
  strictEqual(refused.status, 401);
  match((await refused.json()).detail, /the key is expired/);
});

Deno.test("a key that is limited to functions opens those, by name and by id", async () => {
  const gateway = testGateway();
  const pay = await gateway.deployed("billing-pay");
  const other = await gateway.deployed("other");
  const { key } = await make(gateway, {
    scopes: ["invoke", "read", "deploy"],
    functions: ["billing-*"],
  });
  const rows: [string, string, number][] = [
    ["GET", "/fn/billing-pay", 200],
    ["GET", `/fn/${pay}`, 200],
    ["GET", "/fn/other", 403],
    ["GET", `/fn/${other}`, 403],
    ["GET", "/fn/no-such-one", 403],
    ["GET", "/fn/billing-none", 404],
    ["POST", "/api/functions/billing-pay/invoke", 200],
    ["POST", `/api/functions/${other}/invoke`, 403],
    ["GET", "/api/functions/billing-pay", 200],
    ["GET", "/api/functions/other", 403],
    ["GET", `/api/functions/${other}/logs`, 403],
    ["DELETE", "/api/functions/other", 403],
    ["GET", "/api/keys", 403],
  ];
  for (const [method, path, status] of rows) {
    const answer = await gateway.call(method, path, { key });
    strictEqual(answer.status, status, `${method} ${path}`);
  }
  const list = await gateway.call("GET", "/api/functions", { key });
  deepStrictEqual(
    (await list.json()).functions.map((each: { name: string }) => each.name),
    ["billing-pay"],
  );
});

Deno.test("an admin key that is limited to functions makes no keys", async () => {
  const gateway = testGateway();
  await gateway.deployed("billing-pay");
  const { key } = await make(gateway, {
    scopes: ["admin"],
    functions: ["billing-*"],
  });
  strictEqual(
    (await gateway.call("DELETE", "/api/functions/billing-pay", { key }))
      .status,
    204,
  );
  const refused = await gateway.call("POST", "/api/keys", {
    key,
    body: JSON.stringify({ name: "more", scopes: ["admin"] }),
  });
  strictEqual(refused.status, 403);
});

for (const scope of ["deploy", "invoke", "read"] as const) {
  Deno.test(`a key with the scope ${scope} neither makes nor lists nor revokes keys`, async () => {
    const gateway = testGateway();
    const key = KEY[scope];
    for (
      const [method, path] of [
        ["GET", "/api/keys"],
        ["POST", "/api/keys"],
        ["DELETE", "/api/keys/admin"],
      ] as const
    ) {
      strictEqual((await gateway.call(method, path, { key })).status, 403);
    }
  });
}
