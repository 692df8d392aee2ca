import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { removeOrphans } from "../../src/trigger/orphans.ts";
import { secretOpener } from "../../src/trigger/secret.ts";
import { KEY, type TestGateway, testGateway } from "../support/gateway.ts";

const SECRET = "It's a Secret to Everybody";
const GITHUB = {
  name: "gh",
  type: "webhook",
  provider: "github",
  secret: SECRET,
  events: ["push"],
};

async function gatewayWithHello(): Promise<TestGateway> {
  const gateway = testGateway();
  await gateway.deployed("hello");
  return gateway;
}

// deno-lint-ignore no-explicit-any -- Tests look into answers of any shape.
async function json(response: Promise<Response>): Promise<any> {
  const { status } = await response;
  const text = await (await response).text();
  return { status, ...(text && JSON.parse(text)) };
}

function send(
  gateway: TestGateway,
  method: string,
  path: string,
  body?: unknown,
) {
  return json(gateway.call(method, path, {
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }));
}

const OF_HELLO = "/api/functions/hello/triggers";

Deno.test("a webhook is created with 201, its id, name and url", async () => {
  const gateway = await gatewayWithHello();
  const response = await gateway.call("POST", OF_HELLO, {
    body: JSON.stringify(GITHUB),
  });
  strictEqual(response.status, 201);
  strictEqual(response.headers.get("location"), "/api/triggers/gh");
  const { id, ...rest } = await response.json();
  match(id, /^[0-9a-f-]{36}$/);
  deepStrictEqual(rest, { name: "gh", url: "http://localhost/hooks/gh" });
});

Deno.test("the url of a hook begins with the public address when there is one", async () => {
  const gateway = testGateway({}, { publicUrl: "https://oche.example" });
  await gateway.deployed("hello");
  const { url } = await send(gateway, "POST", OF_HELLO, GITHUB);
  strictEqual(url, "https://oche.example/hooks/gh");
});

const OTHERS = [
  { type: "cron", expression: "*/5 * * * *" },
  { type: "subject", subject: "orders.*.created" },
  { type: "chain", on: "failure", to: { subject: "alarms" } },
];

for (const other of OTHERS) {
  Deno.test(`a ${other.type} trigger is created, shown and removed`, async () => {
    const gateway = await gatewayWithHello();
    const made = await send(gateway, "POST", OF_HELLO, { name: "x", ...other });
    strictEqual(made.status, 201);
    strictEqual(made.url, "http://localhost/api/triggers/x");
    const shown = await send(gateway, "GET", `${OF_HELLO}/${made.id}`);
    strictEqual(shown.function, "hello");
    for (const [name, value] of Object.entries(other)) {
      deepStrictEqual(shown[name], value);
    }
    strictEqual((await send(gateway, "DELETE", "/api/triggers/x")).status, 204);
    strictEqual((await send(gateway, "GET", "/api/triggers/x")).status, 404);
  });
}

Deno.test("a secret is sealed at rest and in no answer after", async () => {
  const gateway = await gatewayWithHello();
  const answers = [
    await send(gateway, "POST", OF_HELLO, GITHUB),
    await send(gateway, "GET", OF_HELLO),
    await send(gateway, "GET", `${OF_HELLO}/gh`),
    await send(gateway, "GET", "/api/triggers"),
    await send(gateway, "PATCH", "/api/triggers/gh", {
      secret: "another secret",
    }),
  ];
  const record = await gateway.deps.triggers.find("gh");
  ok(record?.type === "webhook");
  for (const value of [...answers, record]) {
    const text = JSON.stringify(value);
    strictEqual(/Secret to Everybody|another secret/.test(text), false, text);
  }
  strictEqual(JSON.stringify(answers).includes('"sealed"'), false);
  deepStrictEqual(
    await secretOpener(gateway.deps.sealer)(record, Date.now()),
    ["another secret", SECRET],
  );
});

Deno.test("a secret that was not given is made and shown once", async () => {
  const gateway = await gatewayWithHello();
  const { secret, url } = await send(gateway, "POST", OF_HELLO, {
    name: "std",
    type: "webhook",
    provider: "standard",
  });
  match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  match(url, /\/hooks\/std$/);
  const shown = await send(gateway, "GET", "/api/triggers/std");
  strictEqual(JSON.stringify(shown).includes(secret), false);
});

Deno.test("a name is given once in the installation", async () => {
  const gateway = await gatewayWithHello();
  await gateway.deployed("other");
  await send(gateway, "POST", OF_HELLO, GITHUB);
  const again = "/api/functions/other/triggers";
  const refused = await send(gateway, "POST", again, GITHUB);
  deepStrictEqual([refused.status, refused.code], [409, "conflict"]);
});

Deno.test("a trigger is of its function only", async () => {
  const gateway = await gatewayWithHello();
  await gateway.deployed("other");
  await send(gateway, "POST", OF_HELLO, GITHUB);
  const list = await send(gateway, "GET", "/api/functions/other/triggers");
  deepStrictEqual(list.triggers, []);
  for (const method of ["GET", "PATCH", "DELETE"]) {
    const path = "/api/functions/other/triggers/gh";
    const body = method === "PATCH" ? {} : undefined;
    strictEqual((await send(gateway, method, path, body)).status, 404);
  }
});

Deno.test("triggers go with their function", async () => {
  const gateway = await gatewayWithHello();
  await gateway.deployed("other");
  await send(gateway, "POST", OF_HELLO, GITHUB);
  await send(gateway, "POST", "/api/functions/other/triggers", {
    ...GITHUB,
    name: "stays",
  });
  strictEqual(
    (await send(gateway, "DELETE", "/api/functions/hello")).status,
    204,
  );
  const { triggers } = await send(gateway, "GET", "/api/triggers");
  deepStrictEqual(triggers.map(({ name }: { name: string }) => name), [
    "stays",
  ]);
});

Deno.test("a trigger of a function that goes meanwhile is not left behind", async () => {
  const gateway = await gatewayWithHello();
  const { triggers, registry } = gateway.deps;
  const { create } = triggers;
  triggers.create = async (record) => {
    await create(record);
    await registry.remove(record.functionId);
  };
  const made = await send(gateway, "POST", OF_HELLO, GITHUB);
  strictEqual(made.status, 404);
  deepStrictEqual(await triggers.list(), []);
});

Deno.test("triggers whose function is gone are removed when a gateway starts", async () => {
  const gateway = await gatewayWithHello();
  const { triggers, registry } = gateway.deps;
  await gateway.deployed("other");
  await send(gateway, "POST", OF_HELLO, GITHUB);
  await send(gateway, "POST", "/api/functions/other/triggers", {
    ...GITHUB,
    name: "stays",
  });
  const hello = await registry.find("hello");
  await registry.remove(hello?.id ?? "");
  const broken = {
    ...registry,
    find: () => Promise.reject(new Error("of a later Oche")),
  };
  strictEqual(await removeOrphans(triggers, broken), 0);
  strictEqual(await removeOrphans(triggers, registry), 1);
  deepStrictEqual((await triggers.list()).map(({ name }) => name), ["stays"]);
});

Deno.test("a PATCH pauses, changes settings, and null unsets", async () => {
  const gateway = await gatewayWithHello();
  await send(gateway, "POST", OF_HELLO, GITHUB);
  const paused = await send(gateway, "PATCH", "/api/triggers/gh", {
    enabled: false,
    mode: "sync",
  });
  deepStrictEqual([paused.enabled, paused.mode], [false, "sync"]);
  deepStrictEqual(paused.events, ["push"]);
  const unset = await send(gateway, "PATCH", "/api/triggers/gh", {
    events: null,
    mode: null,
  });
  deepStrictEqual([unset.enabled, unset.mode], [false, "async"]);
  strictEqual("events" in unset, false);
});

Deno.test("a rotation leaves two secrets, and 0 seconds leaves one", async () => {
  const gateway = await gatewayWithHello();
  await send(gateway, "POST", OF_HELLO, GITHUB);
  for (const secret of ["second secret", "third secret"]) {
    const view = await send(gateway, "PATCH", "/api/triggers/gh", { secret });
    strictEqual(view.secrets.length, 2);
    deepStrictEqual(Object.keys(view.secrets[0]), ["createdAt"]);
    match(view.secrets[1].expiresAt, /^2/);
  }
  const last = await send(gateway, "PATCH", "/api/triggers/gh", {
    secret: "fourth secret",
    previousSecretSeconds: 0,
  });
  strictEqual(last.secrets.length, 1);
});

const HMAC = { ...GITHUB, provider: "hmac" };
const REFUSED: [it: string, body: unknown][] = [
  ["no type", { ...GITHUB, type: undefined }],
  ["an unknown type", { ...GITHUB, type: "nope" }],
  ["an unknown provider", { ...GITHUB, provider: "nope" }],
  ["an unknown setting", { ...GITHUB, nope: 1 }],
  ["a name of capitals", { ...GITHUB, name: "GH" }],
  ["a name in the shape of an id", { ...GITHUB, name: crypto.randomUUID() }],
  ["a short secret", { ...GITHUB, secret: "hunter2" }],
  ["a secret with a line break", { ...GITHUB, secret: "hunter2\nhunter2" }],
  ["no events in a filter", { ...GITHUB, events: [] }],
  ["a standard secret that is not base64", {
    ...GITHUB,
    provider: "standard",
    secret: "whsec_hunter2!",
  }],
  ["hmac without a signature", HMAC],
  ["a Bearer token with spaces", {
    ...GITHUB,
    provider: "token",
    events: undefined,
    token: { in: "authorization" },
  }],
  ["a signature without hmac", { ...GITHUB, signature: { header: "x" } }],
  ["a header name with a space", { ...HMAC, signature: { header: "a b" } }],
  ["a payload without the body", {
    ...HMAC,
    signature: { header: "x", payload: "{timestamp}" },
  }],
  ["a timestamp that is not signed", {
    ...HMAC,
    signature: { header: "x", payload: "{body}", timestampHeader: "t" },
  }],
  ["{timestamp} without its header", {
    ...HMAC,
    signature: { header: "x", payload: "{timestamp}.{body}" },
  }],
  ["a token with github", { ...GITHUB, token: { in: "query" } }],
  ["a cron without an expression", { name: "x", type: "cron" }],
  ["a subject with a space", { name: "x", type: "subject", subject: "a b" }],
  ["a chain to nowhere", { name: "x", type: "chain", to: {} }],
];

for (const [it, body] of REFUSED) {
  Deno.test(`a trigger with ${it} is refused, without its secret`, async () => {
    const gateway = await gatewayWithHello();
    const answer = await send(gateway, "POST", OF_HELLO, body);
    deepStrictEqual([answer.status, answer.code], [400, "invalid"]);
    const secret = (body as { secret?: string }).secret;
    if (secret) strictEqual(JSON.stringify(answer).includes(secret), false);
    deepStrictEqual(await gateway.deps.triggers.list(), []);
  });
}

const REFUSED_CHANGES: [it: string, body: unknown][] = [
  ["its name", { name: "other" }],
  ["its type", { type: "cron" }],
  ["its function", { functionId: crypto.randomUUID() }],
  ["its stored secrets", { secrets: [] }],
  ["an unknown setting", { nope: true }],
  ["a required setting to null", { provider: null }],
  ["the provider without a secret of its", { provider: "standard" }],
  ["how long the previous secret is good, without a new one", {
    previousSecretSeconds: 5,
  }],
];

for (const [it, body] of REFUSED_CHANGES) {
  Deno.test(`a PATCH of ${it} is refused`, async () => {
    const gateway = await gatewayWithHello();
    await send(gateway, "POST", OF_HELLO, GITHUB);
    const before = await gateway.deps.triggers.find("gh");
    const answer = await send(gateway, "PATCH", "/api/triggers/gh", body);
    strictEqual(answer.status, 400);
    deepStrictEqual(await gateway.deps.triggers.find("gh"), before);
  });
}

Deno.test("a secret for a cron trigger is refused", async () => {
  const gateway = await gatewayWithHello();
  await send(gateway, "POST", OF_HELLO, { name: "x", ...OTHERS[0] });
  const answer = await send(gateway, "PATCH", "/api/triggers/x", {
    secret: SECRET,
  });
  strictEqual(answer.status, 400);
});

Deno.test("reading triggers needs the scope read, changing them deploy", async () => {
  const gateway = await gatewayWithHello();
  const path = "/api/triggers/gh";
  const body = JSON.stringify(GITHUB);
  const asked: [string, string, string, number][] = [
    ["POST", OF_HELLO, KEY.read, 403],
    ["POST", OF_HELLO, "", 401],
    ["POST", OF_HELLO, KEY.deploy, 201],
    ["GET", OF_HELLO, KEY.invoke, 403],
    ["GET", OF_HELLO, KEY.read, 200],
    ["GET", "/api/triggers", KEY.invoke, 403],
    ["PATCH", path, KEY.read, 403],
    ["DELETE", `${OF_HELLO}/gh`, KEY.read, 403],
    ["DELETE", path, KEY.read, 403],
    ["DELETE", path, KEY.deploy, 204],
  ];
  for (const [method, at, key, status] of asked) {
    const answer = await gateway.call(method, at, {
      key,
      ...(method === "POST" && { body }),
    });
    strictEqual(answer.status, status, `${method} ${at}`);
  }
});

Deno.test("a key for some functions reaches their triggers by either route", async () => {
  const gateway = await gatewayWithHello();
  await gateway.deployed("other");
  await send(gateway, "POST", OF_HELLO, GITHUB);
  await send(gateway, "POST", "/api/functions/other/triggers", {
    ...GITHUB,
    name: "theirs",
  });
  const { key } = await send(gateway, "POST", "/api/keys", {
    name: "limited",
    scopes: ["read"],
    functions: ["hel*"],
  });
  async function status(path: string): Promise<number> {
    return (await gateway.call("GET", path, { key })).status;
  }
  strictEqual(await status("/api/triggers/gh"), 200);
  strictEqual(await status("/api/triggers/theirs"), 403);
  strictEqual(await status(OF_HELLO), 200);
  strictEqual(await status("/api/functions/other/triggers/theirs"), 403);
  const { triggers } = await json(
    gateway.call("GET", "/api/triggers", { key }),
  );
  deepStrictEqual(triggers.map(({ name }: { name: string }) => name), ["gh"]);
});
