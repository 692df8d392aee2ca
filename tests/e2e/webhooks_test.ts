/** Webhooks on a whole stack: examples/github-webhook as it is, set up by the command line. */
import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert";
import type { InvocationRecord } from "../../src/contracts/invocation.ts";
import { readState } from "../../src/stack/state.ts";
import { oche, ROOT } from "../support/oche_on_stack.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { SECRETS, send, type Sent } from "../support/webhooks.ts";

const PUSH = JSON.stringify({
  ref: "refs/heads/main",
  repository: { full_name: "ada/engine" },
  commits: [{ message: "Count to ten" }, { message: "Count on\n\nand on" }],
});

/** Answers with a digest of the bytes that arrived, and with the headers. */
const DIGEST = plainFunction(
  `    var sum = 0;
    for (final byte in request.bodyBytes) {
      sum = (sum * 31 + byte) & 0x3fffffff;
    }
    return CloudResponse.json({
      'length': request.bodyBytes.length,
      'sum': sum,
      'headers': request.headers,
      'attempt': request.headers['oche-attempt'],
    });`,
);

function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum * 31 + byte) % 0x40000000, 0);
}

async function deliver(
  url: string,
  { headers, body }: Sent,
): Promise<Response> {
  return await fetch(url, { method: "POST", headers, body: body as BodyInit });
}

async function recordOf(
  stack: TestStack,
  id: string,
): Promise<InvocationRecord> {
  const response = await stack.call("GET", `/api/invocations/${id}`);
  return await response.json();
}

async function untilEnded(
  stack: TestStack,
  id: string,
): Promise<InvocationRecord> {
  let record = await recordOf(stack, id);
  await until(async () => {
    record = await recordOf(stack, id);
    return record.endedAt !== undefined;
  }, 120_000);
  return record;
}

async function messagesOf(stack: TestStack, name: string): Promise<string[]> {
  const response = await stack.call("GET", `/api/functions/${name}/logs`);
  const { logs } = await response.json();
  return logs.map(({ message }: { message: string }) => message);
}

Deno.test("webhooks on a whole stack", async (t) => {
  await using stack = await startTestStack("podman");
  const secretFile = `${stack.home}/secret.txt`;
  await Deno.writeTextFile(secretFile, `${SECRETS.github}\n`);

  let url = "";
  await t.step(
    "the example deploys as it is, and the CLI adds its trigger",
    async () => {
      await oche(stack, "deploy", `${ROOT}/examples/github-webhook`);
      const out = await oche(
        stack,
        ...["triggers", "add", "github-webhook", "gh", "--type", "webhook"],
        ...["--provider", "github", "--secret", `@${secretFile}`],
        ...["--event", "push"],
      );
      url = /gh is added: (\S+)/.exec(out)?.[1] ?? "";
      strictEqual(url, `${stack.url}/hooks/gh`);
      const shown = await oche(stack, "triggers", "show", "gh");
      strictEqual(shown.includes(SECRETS.github), false);
    },
  );

  await t.step(
    "a signed push runs once, and its redelivery does not",
    async () => {
      const sent = await send("github", PUSH);
      const accepted = await deliver(url, sent);
      strictEqual(accepted.status, 202);
      const { invocationId } = await accepted.json();
      const record = await untilEnded(stack, invocationId);
      strictEqual(record.state, "succeeded", JSON.stringify(record));
      strictEqual(record.source.type, "webhook");
      deepStrictEqual(record.result?.body, { event: "push", commits: 2 });
      await until(async () =>
        (await messagesOf(stack, "github-webhook")).length >= 2
      );

      const again = await deliver(url, sent);
      ok([200, 202].includes(again.status));
      strictEqual((await again.json()).invocationId, invocationId);
      // What is delivered after it has run when this has: nothing overtakes it.
      const marker = await deliver(url, await send("github", "{}"));
      await untilEnded(stack, (await marker.json()).invocationId);
      const { attempt, attempts } = await recordOf(stack, invocationId);
      deepStrictEqual([attempt, attempts.length], [1, 1]);
      deepStrictEqual(
        (await messagesOf(stack, "github-webhook"))
          .filter((message) => message.startsWith("Count")),
        ["Count to ten", "Count on"],
      );
    },
  );

  await t.step(
    "a forged push is refused, and another event is left out",
    async () => {
      const forged = await send("github", PUSH, { secret: "not the secret" });
      const refused = await deliver(url, forged);
      strictEqual(refused.status, 401);
      await refused.body?.cancel();
      const { headers, body } = await send("github", "{}");
      const ping = { body, headers: { ...headers, "x-github-event": "ping" } };
      strictEqual((await deliver(url, ping)).status, 204);
    },
  );

  await t.step(
    "the bytes that were signed reach the function, whatever they are",
    async () => {
      const deployed = await stack.deploy("digest", DIGEST);
      strictEqual(deployed.status, 201, await deployed.text());
      const made = await stack.call("POST", "/api/functions/digest/triggers", {
        body: JSON.stringify({
          name: "digest",
          type: "webhook",
          provider: "token",
          secret: SECRETS.token,
          mode: "sync",
        }),
      });
      strictEqual(made.status, 201, await made.text());
      const encoder = new TextEncoder();
      const bodies: [string, Uint8Array<ArrayBuffer>][] = [
        ["application/json", encoder.encode('{ "a" : 1.0,\n"a":"\\u00e9" }')],
        ["application/json", encoder.encode("\ufeff{nope")],
        ["text/plain", encoder.encode("é\r\n")],
        ["text/plain; charset=latin1", Uint8Array.of(0xe9, 0x0a)],
        ["image/png", crypto.getRandomValues(new Uint8Array(1_000))],
        ["application/octet-stream", new Uint8Array()],
      ];
      for (const [type, bytes] of bodies) {
        const answer = await fetch(`${stack.url}/hooks/digest`, {
          method: "POST",
          headers: { "content-type": type, "x-token": SECRETS.token },
          body: bytes,
        });
        strictEqual(answer.status, 200);
        const { length, sum, headers } = await answer.json();
        deepStrictEqual([length, sum], [bytes.length, sumOf(bytes)], type);
        strictEqual(headers["oche-provider"], "token");
        strictEqual("x-token" in headers, false);
      }
    },
  );

  await t.step(
    "what was accepted before the runtime was killed runs after",
    async () => {
      const state = await readState(stack.home);
      const runtime = state?.children.find(({ name }) => name === "runtime");
      ok(runtime);
      const sent = await Promise.all(
        Array.from({ length: 10 }, () => send("github", PUSH)),
      );
      Deno.kill(runtime.pid, "SIGKILL");
      const ids = await Promise.all(sent.map(async (each) => {
        const response = await deliver(url, each);
        strictEqual(response.status, 202);
        return (await response.json()).invocationId as string;
      }));
      strictEqual(new Set(ids).size, 10);
      for (const id of ids) {
        const record = await untilEnded(stack, id);
        strictEqual(record.state, "succeeded", JSON.stringify(record));
      }
    },
  );

  await t.step("no secret is in a file of the stack", async () => {
    await Deno.remove(secretFile);
    const { code, stdout } = await new Deno.Command("grep", {
      args: ["-rlaF", SECRETS.github, stack.home],
    }).output();
    strictEqual(new TextDecoder().decode(stdout), "");
    // 2 where a file went meanwhile, 0 where it was found.
    notStrictEqual(code, 0);
  });

  await t.step("the trigger goes with its function", async () => {
    await oche(stack, "delete", "github-webhook");
    const gone = await deliver(url, await send("github", "{}"));
    strictEqual(gone.status, 404);
    await gone.body?.cancel();
    strictEqual((await oche(stack, "triggers", "list")).includes("gh"), false);
  });
});
