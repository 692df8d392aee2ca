/** Webhooks over HTTP: taken once when genuine, refused when not, handed on as they came. */
import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert";
import { createHmac } from "node:crypto";
import { AppError } from "../../src/contracts/error.ts";
import { type Provider, PROVIDERS } from "../../src/contracts/webhook.ts";
import { failing, type TestGateway, testGateway } from "../support/gateway.ts";
import { type MemoryAsync, memoryAsync } from "../support/memory_async.ts";
import {
  SECRETS,
  send,
  type Sent,
  webhookTrigger,
} from "../support/webhooks.ts";

interface Hooked extends TestGateway {
  async: MemoryAsync;
  functionId: string;
  deliver(sent: Sent, path?: string, method?: string): Promise<Response>;
}

async function hooked(
  provider: Provider,
  settings: Record<string, unknown> = {},
): Promise<Hooked> {
  const async = memoryAsync();
  const gateway = testGateway({}, { async });
  const functionId = await gateway.deployed("hello");
  const made = await gateway.call("POST", "/api/functions/hello/triggers", {
    body: JSON.stringify({
      name: "hook",
      type: "webhook",
      provider,
      secret: SECRETS[provider],
      signature: webhookTrigger(provider).signature,
      ...settings,
    }),
  });
  strictEqual(made.status, 201, await made.text());
  const deliver: Hooked["deliver"] = (
    { headers, body },
    path = "/hooks/hook",
    method = "POST",
  ) =>
    gateway.call(method, path, {
      key: "",
      headers,
      ...(method !== "GET" && { body: body as BodyInit }),
    });
  return Object.assign(gateway, { async, functionId, deliver });
}

for (const provider of PROVIDERS) {
  Deno.test(`a ${provider} delivery is stored, then answered with 202`, async () => {
    const gateway = await hooked(provider);
    const response = await gateway.deliver(await send(provider, '{"a": 1}'));
    strictEqual(response.status, 202);
    const { invocationId, duplicate } = await response.json();
    strictEqual(duplicate, false);
    strictEqual(
      response.headers.get("location"),
      `/api/invocations/${invocationId}`,
    );
    const [submission] = gateway.async.submissions;
    const { id } = await gateway.deps.triggers.find("hook") ?? {};
    deepStrictEqual(submission?.source, { type: "webhook", trigger: id });
    strictEqual(submission.functionId, gateway.functionId);
    strictEqual(submission.invocationId, invocationId);
    const { request } = submission;
    deepStrictEqual(request.body, { a: 1 });
    strictEqual(atob(request.rawBody ?? ""), '{"a": 1}');
    strictEqual(request.headers["oche-trigger"], "hook");
    strictEqual(request.headers["oche-provider"], provider);
    ok(request.headers["oche-delivery"]);
    deepStrictEqual([request.method, request.path], ["POST", "/"]);
  });

  Deno.test(`a ${provider} delivery with a wrong proof is 401, and nothing is stored`, async () => {
    const gateway = await hooked(provider);
    const secret = provider === "standard"
      ? "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      : "another secret";
    const forged = await gateway.deliver(
      await send(provider, "{}", { secret }),
    );
    const bare = await gateway.deliver({ body: "{}", headers: {} });
    for (const response of [forged, bare]) {
      strictEqual(response.status, 401);
      const text = await response.text();
      strictEqual(text.includes(SECRETS[provider]), false);
    }
    deepStrictEqual(gateway.async.submissions, []);
  });
}

const IDENTIFIED: [Provider, string][] = [
  ["github", "{}"],
  ["stripe", '{"id":"evt_1","type":"charge.succeeded"}'],
  ["slack", '{"type":"event_callback","event_id":"Ev1","event":{"type":"x"}}'],
  ["standard", "{}"],
];

for (const [provider, body] of IDENTIFIED) {
  Deno.test(`a ${provider} delivery that is sent again runs once, and another runs too`, async () => {
    const gateway = await hooked(provider);
    const at = new Date();
    const first = await gateway.deliver(
      await send(provider, body, { id: "1", at }),
    );
    // Signed anew, as a sender does for a later try.
    const later = new Date(at.getTime() + 5_000);
    const again = await gateway.deliver(
      await send(provider, body, { id: "1", at: later }),
    );
    deepStrictEqual([first.status, again.status], [202, 200]);
    const [one, two] = [await first.json(), await again.json()];
    deepStrictEqual([one.duplicate, two.duplicate], [false, true]);
    strictEqual(one.invocationId, two.invocationId);
    const other = await send(provider, body.replace("1", "2"), { id: "2" });
    strictEqual((await gateway.deliver(other)).status, 202);
    strictEqual(gateway.async.submissions.length, 2);
  });
}

Deno.test("without an id, the same body at the same signed time is the same delivery", async () => {
  const gateway = await hooked("hmac");
  const at = new Date();
  const sent = await send("hmac", "{}", { at });
  strictEqual((await gateway.deliver(sent)).status, 202);
  strictEqual((await gateway.deliver(sent)).status, 200);
  const later = await send("hmac", "{}", {
    at: new Date(at.getTime() + 2_000),
  });
  strictEqual((await gateway.deliver(later)).status, 202);
});

Deno.test("without an id and a time, equal deliveries are two: none is lost", async () => {
  const gateway = await hooked("token");
  const sent = await send("token", "{}");
  strictEqual((await gateway.deliver(sent)).status, 202);
  strictEqual((await gateway.deliver(sent)).status, 202);
  strictEqual(gateway.async.submissions.length, 2);
});

Deno.test("the headers that a trigger names tell event and delivery", async () => {
  const gateway = await hooked("token", {
    eventHeader: "X-Gitlab-Event",
    deliveryHeader: "X-Gitlab-Event-UUID",
    events: ["Push Hook"],
  });
  const { headers, body } = await send("token", "{}");
  const named = { "x-gitlab-event": "Push Hook", "x-gitlab-event-uuid": "u-1" };
  const sent = { body, headers: { ...headers, ...named } };
  strictEqual((await gateway.deliver(sent)).status, 202);
  strictEqual((await gateway.deliver(sent)).status, 200);
  const [submission] = gateway.async.submissions;
  strictEqual(submission?.request.headers["oche-event"], "Push Hook");
  strictEqual(submission.request.headers["oche-delivery"], "u-1");
});

Deno.test("the same delivery id at two triggers is two deliveries", async () => {
  const gateway = await hooked("github");
  await gateway.call("POST", "/api/functions/hello/triggers", {
    body: JSON.stringify({
      name: "second",
      type: "webhook",
      provider: "github",
      secret: SECRETS.github,
    }),
  });
  const sent = await send("github", "{}", { id: "same" });
  strictEqual((await gateway.deliver(sent)).status, 202);
  strictEqual((await gateway.deliver(sent, "/hooks/second")).status, 202);
});

const FILTERED: [event: string, status: number][] = [
  ["push", 202],
  ["release", 202],
  ["release.published", 202],
  ["pushy", 204],
  ["pull_request", 204],
];

for (const [event, status] of FILTERED) {
  Deno.test(`a filter on push and release* answers ${event} with ${status}`, async () => {
    const gateway = await hooked("github", { events: ["push", "release*"] });
    const { headers, body } = await send("github", "{}");
    const response = await gateway.deliver({
      body,
      headers: { ...headers, "x-github-event": event },
    });
    strictEqual(response.status, status);
    strictEqual(gateway.async.submissions.length, status === 202 ? 1 : 0);
  });
}

Deno.test("an event that the filter leaves out must be genuine as well", async () => {
  const gateway = await hooked("github", { events: ["push"] });
  const { headers, body } = await send("github", "{}", { secret: "not it" });
  const response = await gateway.deliver({
    body,
    headers: { ...headers, "x-github-event": "ping" },
  });
  strictEqual(response.status, 401);
});

Deno.test("slack's challenge is answered at once, and runs nothing", async () => {
  const gateway = await hooked("slack");
  const body =
    '{"type":"url_verification","challenge":"3eZbrw1aB","token":"t"}';
  const response = await gateway.deliver(await send("slack", body));
  deepStrictEqual(
    [response.status, await response.json()],
    [200, { challenge: "3eZbrw1aB" }],
  );
  deepStrictEqual(gateway.async.submissions, []);
  const forged = await send("slack", body, { secret: "not it" });
  strictEqual((await gateway.deliver(forged)).status, 401);
});

const SLACK_FORMS: [body: string, event: string | undefined, id: string][] = [
  ["command=%2Fdeploy&text=now&trigger_id=1.2.a", "slash_command", "1.2.a"],
  [
    `payload=${
      encodeURIComponent('{"type":"block_actions","trigger_id":"3.4.b"}')
    }`,
    "block_actions",
    "3.4.b",
  ],
];

for (const [body, event, id] of SLACK_FORMS) {
  Deno.test(`a slack form of ${event} says its event and id`, async () => {
    const gateway = await hooked("slack");
    const { headers } = await send("slack", body);
    const type = "application/x-www-form-urlencoded";
    const sent = { body, headers: { ...headers, "content-type": type } };
    strictEqual((await gateway.deliver(sent)).status, 202);
    const [submission] = gateway.async.submissions;
    const { headers: seen, body: got } = submission?.request ?? {};
    deepStrictEqual(
      [seen?.["oche-event"], seen?.["oche-delivery"], got],
      [event, id, body],
    );
  });
}

Deno.test("a body of any bytes is proven and handed on", async () => {
  const gateway = await hooked("github");
  const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const mac = createHmac("sha256", SECRETS.github).update(body).digest("hex");
  const response = await gateway.deliver({
    body,
    headers: { "x-hub-signature-256": `sha256=${mac}` },
  });
  strictEqual(response.status, 202);
  const { request } = gateway.async.submissions[0] ?? {};
  strictEqual(request?.isBase64Encoded, true);
  strictEqual(request.body, btoa(String.fromCharCode(...body)));
  strictEqual(request.rawBody, undefined);
});

Deno.test("a body that only says that it is JSON is taken as text", async () => {
  const gateway = await hooked("github");
  strictEqual(
    (await gateway.deliver(await send("github", "{nope"))).status,
    202,
  );
  strictEqual(gateway.async.submissions[0]?.request.body, "{nope");
});

Deno.test("the sender's oche- headers are not believed", async () => {
  const gateway = await hooked("hmac");
  const { headers, body } = await send("hmac", "{}");
  const forged = {
    "oche-event": "x",
    "oche-provider": "github",
    "oche-attempt": "9",
    "oche-version": "7",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  await gateway.deliver({ body, headers: { ...headers, ...forged } });
  const [submission] = gateway.async.submissions;
  strictEqual(submission?.request.headers["oche-provider"], "hmac");
  strictEqual("oche-event" in submission.request.headers, false);
  strictEqual("oche-attempt" in submission.request.headers, false);
  strictEqual(submission.version, undefined);
  strictEqual(submission.traceparent, forged.traceparent);
});

const TOKENS = [
  {
    token: { in: "header", name: "X-Gitlab-Token" },
    headers: { "x-gitlab-token": SECRETS.token },
    path: "/hooks/hook?a=1",
  },
  {
    token: { in: "authorization" },
    headers: { authorization: `Bearer ${SECRETS.token}` },
    path: "/hooks/hook?a=1",
  },
  {
    token: { in: "query", name: "key" },
    headers: {},
    path: `/hooks/hook?a=1&key=${SECRETS.token}`,
  },
] as const;

for (const { token, headers, path } of TOKENS) {
  Deno.test(`a token in the ${token.in} lets in, and does not reach the function`, async () => {
    const gateway = await hooked("token", { token });
    for (const method of ["POST", "GET", "PUT"]) {
      const sent = { body: "{}", headers: { ...headers } };
      strictEqual((await gateway.deliver(sent, path, method)).status, 202);
    }
    for (const { request } of gateway.async.submissions) {
      strictEqual(JSON.stringify(request).includes(SECRETS.token), false);
      deepStrictEqual(request.query, { a: "1" });
    }
  });
}

Deno.test("after a rotation both secrets are good, and the old one ends", async () => {
  const gateway = await hooked("github");
  const patched = await gateway.call("PATCH", "/api/triggers/hook", {
    body: '{"secret":"the new secret","previousSecretSeconds":3600}',
  });
  strictEqual(patched.status, 200);
  for (const secret of [SECRETS.github, "the new secret"]) {
    const response = await gateway.deliver(
      await send("github", "{}", { secret }),
    );
    strictEqual(response.status, 202);
  }
  await gateway.deps.triggers.update(
    "hook",
    (record) =>
      record.type !== "webhook" ? record : {
        ...record,
        secrets: record.secrets.map((each) => ({
          ...each,
          ...(each.expiresAt && { expiresAt: new Date().toISOString() }),
        })),
      },
  );
  const old = await gateway.deliver(await send("github", "{}"));
  strictEqual(old.status, 401);
  const secret = "the new secret";
  const now = await gateway.deliver(await send("github", "{}", { secret }));
  strictEqual(now.status, 202);
});

Deno.test("a paused webhook asks genuine senders to try again, and stores nothing", async () => {
  const gateway = await hooked("github", { enabled: false });
  const response = await gateway.deliver(await send("github", "{}"));
  strictEqual(response.status, 503);
  match(response.headers.get("retry-after") ?? "", /^\d+$/);
  const forged = await send("github", "{}", { secret: "not it" });
  strictEqual((await gateway.deliver(forged)).status, 401);
  deepStrictEqual(gateway.async.submissions, []);
  await gateway.call("PATCH", "/api/triggers/hook", {
    body: '{"enabled":true}',
  });
  strictEqual((await gateway.deliver(await send("github", "{}"))).status, 202);
});

Deno.test("what is no webhook is 404, whatever it is called", async () => {
  const gateway = await hooked("github");
  await gateway.call("POST", "/api/functions/hello/triggers", {
    body: '{"name":"nightly","type":"cron","expression":"0 0 * * *"}',
  });
  const sent = await send("github", "{}");
  for (const name of ["nope", "nightly", "a.b", "%20", crypto.randomUUID()]) {
    const response = await gateway.deliver(sent, `/hooks/${name}`);
    strictEqual(response.status, 404, name);
  }
  const { id } = await gateway.deps.triggers.find("hook") ?? {};
  strictEqual((await gateway.deliver(sent, `/hooks/${id}`)).status, 202);
});

Deno.test("a body over the limit is 413, before its signature is looked at", async () => {
  const gateway = await hooked("github");
  const response = await gateway.deliver(
    await send("github", "x".repeat(1_025)),
  );
  strictEqual(response.status, 413);
});

Deno.test("a full queue is 429 with Retry-After, and the delivery is not taken", async () => {
  const gateway = await hooked("github");
  gateway.async.submit = () =>
    Promise.reject(
      new AppError("busy", "The queue is full", { retryAfter: 7 }),
    );
  const response = await gateway.deliver(await send("github", "{}"));
  strictEqual(response.status, 429);
  strictEqual(response.headers.get("retry-after"), "7");
});

Deno.test("a sync webhook answers with the function's answer, and a repeat runs nothing", async () => {
  const gateway = await hooked("github", { mode: "sync" });
  gateway.answer = ({ request }) => ({
    response: {
      statusCode: 201,
      headers: { "x-a": "b" },
      body: { event: request.headers["oche-event"] },
    },
  });
  const sent = await send("github", "{}");
  const first = await gateway.deliver(sent);
  strictEqual(first.status, 201);
  strictEqual(first.headers.get("x-a"), "b");
  deepStrictEqual(await first.json(), { event: "push" });
  const again = await gateway.deliver(sent);
  strictEqual(again.status, 200);
  strictEqual((await again.json()).duplicate, true);
  strictEqual(gateway.invocations.length, 1);
  deepStrictEqual(gateway.async.submissions, []);
  notStrictEqual(gateway.invocations[0]?.options.deadline, undefined);
});

Deno.test("a sync delivery that failed runs again when it is sent again", async () => {
  const gateway = await hooked("github", { mode: "sync" });
  const sent = await send("github", "{}");
  const answer = gateway.answer;
  gateway.answer = failing(new AppError("function_failed", "It crashed"));
  strictEqual((await gateway.deliver(sent)).status, 502);
  gateway.answer = () => ({
    response: { statusCode: 500, headers: {}, body: null },
  });
  strictEqual((await gateway.deliver(sent)).status, 500);
  gateway.answer = answer;
  strictEqual((await gateway.deliver(sent)).status, 200);
  strictEqual(gateway.invocations.length, 3);
});

Deno.test("a sync delivery that runs still is not run beside itself", async () => {
  const gateway = await hooked("github", { mode: "sync" });
  const sent = await send("github", "{}", { id: "d" });
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { invoke } = gateway.deps.runtime;
  gateway.deps.runtime.invoke = async (...args) => {
    started.resolve();
    await release.promise;
    return await invoke(...args);
  };
  const first = gateway.deliver(sent);
  await started.promise;
  const beside = await gateway.deliver(sent);
  strictEqual(beside.status, 429);
  match(beside.headers.get("retry-after") ?? "", /^\d+$/);
  release.resolve();
  strictEqual((await first).status, 200);
  strictEqual((await (await gateway.deliver(sent)).json()).duplicate, true);
});
