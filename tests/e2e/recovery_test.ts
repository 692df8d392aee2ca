/** What a killed program costs: nothing that was accepted. */
import { match, ok, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import { readState } from "../../src/stack/state.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";

const HELLO = plainFunction("    return CloudResponse.text('hello');");

async function pidOf(stack: TestStack, name: string): Promise<number> {
  const state = await readState(stack.home);
  const child = state?.children.find((each) => each.name === name);
  ok(child, `no ${name} is recorded`);
  return child.pid;
}

/** Reads a stream of events until one of that name. */
async function untilEvent(
  reader: ReadableStreamDefaultReader<string>,
  name: string,
  before = "",
): Promise<string> {
  let text = before;
  while (!text.includes(`event: ${name}`)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The stream ended without ${name}: ${text}`);
    text += value;
  }
  return text;
}

async function deployStream(
  stack: TestStack,
): Promise<ReadableStreamDefaultReader<string>> {
  const response = await stack.deploy("hello", HELLO, "", {
    accept: "text/event-stream",
  });
  ok(response.body);
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}

Deno.test("a runtime killed in mid-build: the deploy is taken up again", async () => {
  await using stack = await startTestStack("podman");
  const reader = await deployStream(stack);
  const begun = await untilEvent(reader, "step");
  Deno.kill(await pidOf(stack, "runtime"), "SIGKILL");
  const text = await untilEvent(reader, "done", begun);
  match(text, /"status":"ready"/);
  await reader.cancel();
  const answer = await stack.call("GET", "/fn/hello");
  strictEqual(await answer.text(), "hello");
});

Deno.test("a gateway killed in mid-deploy: the version gets ready all the same", async () => {
  await using stack = await startTestStack("podman");
  const reader = await deployStream(stack);
  await untilEvent(reader, "step");
  Deno.kill(await pidOf(stack, "gateway"), "SIGKILL");
  await reader.read().catch(() => {});
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    limit.throwIfAborted();
    const response = await stack.call("GET", "/fn/hello").catch(() =>
      undefined
    );
    const text = await response?.text();
    if (response?.status === 200) {
      strictEqual(text, "hello");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

Deno.test("what was deployed answers after NATS was killed", async () => {
  await using stack = await startTestStack("podman");
  strictEqual((await stack.deploy("hello", HELLO)).status, 201);
  Deno.kill(await pidOf(stack, "nats"), "SIGKILL");
  const limit = AbortSignal.timeout(10_000);
  for (;;) {
    limit.throwIfAborted();
    const response = await stack.call("GET", "/fn/hello");
    const text = await response.text();
    if (response.status === 200) {
      strictEqual(text, "hello");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

Deno.test("an image that was removed is built again at the next call", async () => {
  await using stack = await startTestStack("podman", {
    OCHE_PREWARMED: "0",
  });
  strictEqual((await stack.deploy("hello", HELLO)).status, 201);
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  for (const { id } of await engine.list({ [LABEL.role]: "sandbox" })) {
    await engine.remove(id);
  }
  const [image] = await engine.listImages({ [LABEL.role]: "image" });
  await engine.removeImage(image?.tag ?? "");
  const answers = await Promise.all(
    [1, 2].map(() => stack.call("GET", "/fn/hello")),
  );
  for (const answer of answers) strictEqual(await answer.text(), "hello");
});

Deno.test("more calls at once than sandboxes: some are told to come back", async () => {
  await using stack = await startTestStack("podman", {
    OCHE_MAX_SANDBOXES: "2",
    OCHE_MAX_WAITING: "0",
  });
  const slow = plainFunction(
    "    await Future.delayed(Duration(milliseconds: 500));\n    return CloudResponse.text('done');",
  );
  strictEqual((await stack.deploy("slow", slow)).status, 201);
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => stack.call("GET", "/fn/slow")),
  );
  const statuses = answers.map(({ status }) => status).sort();
  strictEqual(statuses.join(" "), "200 200 429 429 429 429");
  const busy = answers.find(({ status }) => status === 429);
  strictEqual(busy?.headers.get("retry-after"), "1");
  await Promise.all(answers.map((each) => each.body?.cancel()));
});
