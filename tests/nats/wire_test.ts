import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import { CloudRequest, CloudResponse } from "../../src/contracts/cloud.ts";
import type { DeployEvent } from "../../src/contracts/deploy.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { InvokeReply, RuntimeHandlers } from "../../src/contracts/port.ts";
import { buildProgress } from "../../src/nats/build_progress.ts";
import { startWire } from "../support/wire.ts";

const ID = "a0000000-0000-4000-8000-000000000000";

const META = {
  invocationId: "i-1",
  version: 3,
  durationMs: 1.5,
  waitMs: 0.5,
  startMs: 0.25,
  start: "cold",
  logs: [{ level: "info", message: "ran", timestamp: "2026-01-01T00:00:00Z" }],
} satisfies Omit<InvokeReply, "outcome">;

/** Answers with what it was given. */
const echo: Pick<RuntimeHandlers, "invoke"> = {
  invoke: (ref, request, options) =>
    Promise.resolve({
      ...META,
      outcome: {
        response: CloudResponse.parse({
          statusCode: 200,
          headers: { "x-ref": ref },
          body: { request, options },
        }),
      },
    }),
};

Deno.test("invoke over NATS by hand needs no field and no header", async () => {
  await using wire = await startWire();
  await wire.serve(echo);
  for (const payload of ["", "{}", '{"body":{"name":"Ada"}}']) {
    const reply = await wire.request("functions.invoke.hello", payload);
    const { statusCode, headers, body } = reply.json<
      { statusCode: number; headers: unknown; body: { request: CloudRequest } }
    >();
    strictEqual(statusCode, 200);
    deepStrictEqual(headers, { "x-ref": "hello" });
    strictEqual(body.request.method, "POST");
    strictEqual(reply.headers?.get("Oche-Invocation-Id"), "i-1");
    strictEqual(reply.headers?.get("Oche-Version"), "3");
    strictEqual(reply.headers?.get("Oche-Duration-Ms"), "1.50");
    strictEqual(reply.headers?.get("Oche-Start"), "cold");
    strictEqual("logs" in reply.json<object>(), false);
  }
});

Deno.test("RuntimeClient.invoke() carries request, options and reply whole", async () => {
  await using wire = await startWire();
  await wire.serve(echo);
  const request = CloudRequest.parse({ path: "/a b", query: { "ü": "\n" } });
  const options = {
    version: 3,
    deadline: Date.now() + 60_000,
    idempotencyKey: "k",
    traceparent: "00-a-b-01",
    logs: true,
  };
  const { outcome, ...meta } = await wire.client.invoke(ID, request, options);
  deepStrictEqual(meta, META);
  deepStrictEqual(outcome.response?.body, { request, options });
});

Deno.test("a request and an answer over max_payload travel by claim check", async () => {
  await using wire = await startWire();
  await wire.serve(echo);
  const request = CloudRequest.parse({ body: "x".repeat(2_000_000) });
  const { outcome } = await wire.client.invoke("hello", request, {});
  deepStrictEqual(
    (outcome.response?.body as { request: CloudRequest }).request,
    request,
  );
  const left = [];
  for (const info of await wire.parts.claims.list()) left.push(info.name);
  deepStrictEqual(left, []);
});

Deno.test("an error goes both ways with everything it says", async () => {
  await using wire = await startWire();
  const error = new AppError("function_failed", "It died", {
    reason: "oom",
    hint: "Use less",
    stderr: "last words",
  });
  await wire.serve({
    invoke: () => Promise.resolve({ ...META, outcome: { error } }),
  });
  const { outcome, logs } = await wire.client.invoke(
    "hello",
    CloudRequest.parse({}),
    { logs: true },
  );
  strictEqual(outcome.error?.reason, "oom");
  strictEqual(outcome.error?.stderr, "last words");
  deepStrictEqual(logs, META.logs);
  const reply = await wire.request("functions.invoke.hello");
  strictEqual(reply.headers?.get("Nats-Service-Error"), "It died");
  strictEqual(reply.headers?.get("Nats-Service-Error-Code"), "502");
  strictEqual(reply.json<{ code: string }>().code, "function_failed");
});

const REFUSED: [
  what: string,
  subject: string,
  payload: string,
  code: string,
][] = [
  ["what is not JSON", "functions.invoke.hello", "nope", "invalid"],
  ["a list", "functions.invoke.hello", "[]", "invalid"],
  ["a wrong field", "functions.invoke.hello", '{"path":7}', "invalid"],
  ["a bad name", "functions.invoke.Hello", "{}", "invalid"],
  ["what a handler refuses", "functions.invoke.nope", "{}", "not_found"],
  ["what nobody expected", "functions.invoke.broken", "{}", "internal"],
];

for (const [what, subject, payload, code] of REFUSED) {
  Deno.test(`the wire refuses ${what} with ${code}`, async () => {
    await using wire = await startWire();
    await wire.serve({
      invoke: (ref) =>
        Promise.reject(
          ref === "nope"
            ? new AppError("not_found", "Cannot find it")
            : new TypeError("a secret"),
        ),
    });
    const reply = await wire.request(subject, payload);
    const problem = reply.json<{ code: string }>();
    strictEqual(problem.code, code);
    strictEqual(JSON.stringify(problem).includes("secret"), false);
  });
}

Deno.test("no runtime means unavailable at once", async () => {
  await using wire = await startWire();
  await rejects(wire.client.invoke("hello", CloudRequest.parse({}), {}), {
    code: "unavailable",
  });
  await rejects(wire.client.validate({ archive: "a" }), {
    code: "unavailable",
  });
});

Deno.test("a message that wants no answer harms nobody", async () => {
  await using wire = await startWire();
  await wire.serve(echo);
  wire.nats.nc.publish("functions.invoke.hello", "nope");
  wire.nats.nc.publish("functions.invoke.hello", "{}");
  const reply = await wire.request("functions.invoke.hello");
  strictEqual(reply.json<{ statusCode: number }>().statusCode, 200);
});

Deno.test("a deploy reaches one runtime, once", async () => {
  await using wire = await startWire();
  const taken: DeployEvent[] = [];
  const done = Promise.withResolvers<void>();
  const handlers: Partial<RuntimeHandlers> = {
    deploy(event) {
      taken.push(event);
      if (taken.length === 2) done.resolve();
      return Promise.resolve();
    },
  };
  await wire.serve(handlers);
  await wire.serve(handlers);
  const event = {
    functionId: ID,
    version: 1,
    archive: "a",
    sha256: "0".repeat(64),
  };
  await wire.client.deploy(event);
  await wire.client.deploy(event);
  await wire.client.deploy({ ...event, version: 2 });
  await done.promise;
  deepStrictEqual(taken.map(({ version }) => version), [1, 2]);
});

Deno.test("a deploy that a handler could not finish is tried again", async () => {
  await using wire = await startWire();
  const attempts: number[] = [];
  const done = Promise.withResolvers<void>();
  await wire.serve({
    deploy(_event, attempt) {
      attempts.push(attempt);
      if (attempt < 2) return Promise.reject(new Error("no luck"));
      done.resolve();
      return Promise.resolve();
    },
  });
  await wire.client.deploy({
    functionId: ID,
    version: 1,
    archive: "a",
    sha256: "0".repeat(64),
  });
  await done.promise;
  deepStrictEqual(attempts, [1, 2]);
});

Deno.test("build progress reaches who watches that version", async () => {
  await using wire = await startWire();
  const lines: string[] = [];
  const ended = Promise.withResolvers<void>();
  await using _watch = await wire.client.watchBuild(ID, 1, (event) => {
    if (event.type === "log") lines.push(event.line);
    if (event.type === "end") ended.resolve();
  });
  const progress = buildProgress(wire.nats.nc);
  progress.emit(ID, 2, { type: "log", line: "of another" });
  progress.emit(ID, 1, { type: "log", line: "mine" });
  progress.emit(ID, 1, { type: "end" });
  await ended.promise;
  deepStrictEqual(lines, ["mine"]);
});

Deno.test("the runtime answers $SRV like any NATS service", async () => {
  await using wire = await startWire();
  await wire.serve(echo);
  await wire.request("functions.invoke.hello");
  const ping = (await wire.request("$SRV.PING")).json<
    { type: string; name: string; id: string }
  >();
  strictEqual(ping.type, "io.nats.micro.v1.ping_response");
  strictEqual(ping.name, "oche-runtime");
  const info = (await wire.request(`$SRV.INFO.oche-runtime.${ping.id}`))
    .json<{ endpoints: { subject: string; queue_group: string }[] }>();
  deepStrictEqual(info.endpoints.map((e) => [e.subject, e.queue_group]), [
    ["functions.invoke.*", "runtime"],
    ["functions.validate", "runtime"],
  ]);
  const stats = (await wire.request("$SRV.STATS.oche-runtime"))
    .json<{ endpoints: { num_requests: number }[]; started: string }>();
  strictEqual(stats.endpoints[0]?.num_requests, 1);
  match(stats.started, /^\d{4}-/);
});

Deno.test("drain() lets what runs end and takes no more", async () => {
  await using wire = await startWire();
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const server = await wire.serve({
    async invoke(ref, request, options) {
      begun.resolve();
      await finish.promise;
      return await echo.invoke(ref, request, options);
    },
  });
  const running = wire.client.invoke("hello", CloudRequest.parse({}), {});
  await begun.promise;
  const drained = server.drain();
  finish.resolve();
  await drained;
  strictEqual((await running).outcome.response?.statusCode, 200);
  await rejects(wire.client.invoke("hello", CloudRequest.parse({}), {}), {
    code: "unavailable",
  });
});

Deno.test("a break of the connection ends what is under way, and no more", async () => {
  await using wire = await startWire();
  const running = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  await wire.serve({
    async invoke(ref, request, options) {
      if (ref === "held") {
        running.resolve();
        await held.promise;
      }
      return await echo.invoke(ref, request, options);
    },
  });
  const request = CloudRequest.parse({});
  const lost = wire.client.invoke("held", request, {});
  await running.promise;
  await wire.nats.nc.reconnect();
  await rejects(lost, { code: "unavailable", message: /connection.*broke/ });
  const next = await wire.client.invoke("hello", request, {});
  strictEqual(next.outcome.response?.statusCode, 200);
  held.resolve();
});
