/** Asynchronous invocations of a real function, over HTTP. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import {
  hasEnded,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { signal } from "../../src/stack/process.ts";
import { hurt } from "../chaos/faults/parts.ts";
import { eventually } from "../support/async.ts";
import { ignoreRejections } from "../support/cut_off.ts";
import { scaled } from "../support/scale.ts";
import { startSecondRuntime } from "../support/second_runtime.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";

const ECHO = plainFunction(`
    if (request.path == '/fail') throw StateError('on purpose');
    if (request.path == '/brief') await Future.delayed(Duration(seconds: 1));
    if (request.path == '/slow') await Future.delayed(Duration(seconds: 4));
    return CloudResponse.json({
      'attempt': request.headers['oche-attempt'],
      'id': request.headers['oche-invocation-id'],
      'body': request.body,
    }, statusCode: 201, headers: {'x-made': 'here'});`);

/** Names of the containers that run a function. */
async function sandboxesOf(
  { engineSocket }: TestStack,
  functionId: string,
): Promise<string[]> {
  const engine = dockerEngine({ socketPath: engineSocket });
  const found = await engine.list({ [LABEL.function]: functionId });
  return found.map(({ name }) => name);
}

async function ended(stack: TestStack, url: string): Promise<InvocationRecord> {
  return await eventually(`the end of ${url}`, async () => {
    const response = await stack.call("GET", url).catch(() => undefined);
    if (response?.status !== 200) return void response?.body?.cancel();
    const record: InvocationRecord = await response.json();
    return hasEnded(record.state) ? record : undefined;
  });
}

Deno.test("asynchronous invocations from the 202 to the result, on a whole stack", async (t) => {
  await using stack = await startTestStack("podman");
  strictEqual((await stack.deploy("echo", ECHO)).status, 201);

  await t.step(
    "Prefer: respond-async answers 202 with where to look",
    async () => {
      const accepted = await stack.call("POST", "/fn/echo/a", {
        headers: {
          prefer: "respond-async",
          "content-type": "application/json",
        },
        body: '{"n":1}',
      });
      strictEqual(accepted.status, 202);
      strictEqual(accepted.headers.get("preference-applied"), "respond-async");
      const url = accepted.headers.get("location") ?? "";
      const { invocationId, duplicate } = await accepted.json();
      strictEqual(url, `/api/invocations/${invocationId}`);
      strictEqual(duplicate, false);
      const record = await ended(stack, url);
      strictEqual(record.state, "succeeded");
      deepStrictEqual(record.result?.body, {
        attempt: "1",
        id: invocationId,
        body: { n: 1 },
      });
      const result = await stack.call("GET", `${url}/result`);
      strictEqual(result.status, 201);
      strictEqual(result.headers.get("x-made"), "here");
      strictEqual((await result.json()).id, invocationId);
      const logs = await stack.call("GET", record.logs ?? "");
      strictEqual(logs.status, 200);
      await logs.body?.cancel();
    },
  );

  await t.step("the same Idempotency-Key is the same invocation", async () => {
    const ask = async () => {
      const response = await stack.call(
        "POST",
        "/api/functions/echo/invoke?mode=async",
        { headers: { "idempotency-key": "order-1" }, body: '{"body":1}' },
      );
      strictEqual(response.status, 202);
      return await response.json();
    };
    const first = await ask();
    const second = await ask();
    strictEqual(first.invocationId, second.invocationId);
    deepStrictEqual([first.duplicate, second.duplicate], [false, true]);
    strictEqual((await ended(stack, first.url)).attempt, 1);
    strictEqual((await ask()).duplicate, true);
  });

  await t.step("bodies and answers over a message's size survive", async () => {
    const body = "x".repeat(1_500_000);
    const accepted = await stack.call("POST", "/fn/echo", {
      headers: { prefer: "respond-async", "content-type": "text/plain" },
      body,
    });
    const { url } = await accepted.json();
    const record = await ended(stack, url);
    strictEqual(record.state, "succeeded");
    strictEqual(record.result?.isStored, true);
    strictEqual(record.result?.body, undefined);
    const result = await stack.call("GET", `${url}/result`);
    strictEqual((await result.json()).body, body);
  });

  await t.step("what runs is ended by a cancel", async () => {
    const accepted = await stack.call("POST", "/fn/echo/slow", {
      headers: { prefer: "respond-async" },
    });
    const { url, functionId } = await accepted.json();
    await eventually("that it runs", async () => {
      const record = await (await stack.call("GET", url)).json();
      return record.state === "running";
    });
    const before = await sandboxesOf(stack, functionId);
    strictEqual(before.length, 1);
    const cancelled = await stack.call("DELETE", url);
    strictEqual(cancelled.status, 200);
    strictEqual((await cancelled.json()).state, "cancelled");
    await eventually("that its sandbox is gone", async () => {
      const after = await sandboxesOf(stack, functionId);
      return !after.includes(before[0] ?? "");
    });
    await eventually("that another one answers", async () => {
      const answer = await stack.call("GET", "/fn/echo");
      await answer.body?.cancel();
      return answer.status === 201;
    });
    const again = await stack.call("DELETE", url);
    strictEqual(again.status, 409);
    match((await again.json()).detail, /it is cancelled/);
  });

  await t.step(
    "the outcome is told on a subject, and never on the system's",
    async () => {
      const told = stack.nc.subscribe("orders.done", { max: 1 });
      await stack.nc.flush();
      const headers = (subject: string) => ({
        prefer: "respond-async",
        "oche-callback-subject": subject,
      });
      const accepted = await stack.call("POST", "/fn/echo", {
        headers: headers("orders.done"),
      });
      const { invocationId } = await accepted.json();
      for await (const message of told) {
        const { type, data } = message.json<
          { type: string; data: InvocationRecord }
        >();
        strictEqual(type, "invocation.succeeded");
        strictEqual(data.id, invocationId);
      }
      for (
        const [name, value, status] of [
          ["oche-callback-subject", "functions.invoke.echo", 400],
          ["oche-callback-url", "https://example.com/", 403],
          ["oche-callback-url", "http://169.254.169.254/", 403],
        ] as const
      ) {
        const refused = await stack.call("POST", "/fn/echo", {
          headers: { prefer: "respond-async", [name]: value },
        });
        strictEqual(refused.status, status);
        await refused.body?.cancel();
      }
    },
  );

  await t.step("a delay outlives every program", async () => {
    const begun = Date.now();
    const accepted = await stack.call("POST", "/fn/echo", {
      headers: { prefer: "respond-async", "oche-delay": "15" },
    });
    const { url } = await accepted.json();
    using _ignoring = ignoreRejections();
    for (const program of ["nats", "runtime", "gateway"] as const) {
      await hurt(stack, program, "SIGKILL");
    }
    const record = await ended(stack, url);
    strictEqual(record.state, "succeeded");
    strictEqual(record.attempt, 1);
    ok(Date.parse(record.attempts[0]?.startedAt ?? "") >= begun + 15_000);
  });

  await t.step(
    "two runtimes share the work, and one takes up what the other leaves",
    async () => {
      await using second = await startSecondRuntime(stack);
      await eventually("two runtimes", async () => {
        const answers = await stack.nc.requestMany(
          "$SRV.PING.oche-runtime",
          "",
          {
            maxMessages: 2,
            maxWait: 1_000,
          },
        );
        return (await Array.fromAsync(answers)).length === 2;
      });
      const urls: string[] = [];
      for (let i = 0; i < 8; i++) {
        const accepted = await stack.call("POST", "/fn/echo/slow", {
          headers: { prefer: "respond-async" },
        });
        urls.push((await accepted.json()).url);
      }
      const runtimes = new Set<string>();
      await eventually("that both run some", async () => {
        for (const url of urls) {
          const record: InvocationRecord = await (await stack.call("GET", url))
            .json();
          for (const { runtime } of record.attempts) runtimes.add(runtime);
        }
        return runtimes.size === 2;
      });
      if (scaled(false, true)) signal(second.process?.pid ?? 0, "SIGKILL");
      for (const url of urls) {
        const { state, attempt } = await ended(stack, url);
        strictEqual(state, "succeeded");
        ok(attempt <= 3);
      }
      // The end of what was started ahead is not what this is about.
      await second.stop(500);
    },
  );

  await t.step("a delete sends what waits to the dead letters", async () => {
    strictEqual((await stack.deploy("gone", ECHO)).status, 201);
    const accepted = await stack.call("POST", "/fn/gone", {
      headers: { prefer: "respond-async", "oche-delay": "60" },
    });
    const { invocationId } = await accepted.json();
    const waiting = await stack.call("GET", "/api/functions/gone/invocations");
    const page = await waiting.json();
    strictEqual(page.invocations[0].state, "queued");
    ok(page.invocations[0].notBefore);
    strictEqual(
      (await stack.call("DELETE", "/api/functions/gone")).status,
      204,
    );
    const letter = await eventually("a dead letter", async () => {
      const response = await stack.call("GET", `/api/dead/${invocationId}`);
      const body = await response.json();
      return response.status === 200 ? body : undefined;
    });
    strictEqual(letter.reason, "function_removed");
  });
});
