/** What the stack stands on taken away: memory, disk, volume, image, container, connection. */
import { ok, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import { connectNats } from "../../src/nats/connect.ts";
import { readState } from "../../src/stack/state.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { hurt, pidOf } from "./faults/parts.ts";

const HELLO = plainFunction(`
    return CloudResponse.text('hello');`);
const MB = 1024 * 1024;

async function answers(stack: TestStack): Promise<string> {
  const response = await stack.call("GET", "/fn/hello");
  const text = await response.text();
  return response.status === 200 ? text : JSON.parse(text).detail;
}

async function untilHello(stack: TestStack): Promise<void> {
  await until(async () => await answers(stack).catch(() => "lost") === "hello");
}

/** Writes until nothing more fits. */
async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true });
  const block = new Uint8Array(MB);
  try {
    for (let written = 0; written < 4_096; written++) await file.write(block);
  } catch {
    return;
  }
  throw new Error("it never got full");
}

Deno.test("the surroundings fail, and come back", async (t) => {
  await using stack = await startTestStack("podman", { OCHE_PREWARMED: "0" });
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  const { functionsDir = "" } = await readState(stack.home) ?? {};
  strictEqual((await stack.deploy("hello", HELLO)).status, 201);
  strictEqual(await answers(stack), "hello");

  async function sandboxes() {
    return (await engine.list({ [LABEL.installation]: stack.installation }))
      .filter(({ labels }) => labels[LABEL.function] !== undefined);
  }

  await t.step("a container removed behind our back is replaced", async () => {
    for (const { id } of await sandboxes()) await engine.remove(id);
    await untilHello(stack);
  });

  await t.step("a volume removed behind our back comes back", async () => {
    await engine.removeVolume("functions_data");
    strictEqual(await answers(stack), "hello");
    await until(async () =>
      await engine.volumePath("functions_data") === functionsDir
    );
  });

  await t.step("full shared memory costs no sandbox its own room", async () => {
    await fill(`${functionsDir}/filler`);
    for (const { id } of await sandboxes()) await engine.remove(id);
    await untilHello(stack);
    const large = await stack.call("POST", "/fn/hello", {
      body: JSON.stringify("x".repeat(MB)),
      headers: { "content-type": "application/json" },
    });
    strictEqual(await large.text(), "hello");
    await Deno.remove(`${functionsDir}/filler`);
    await untilHello(stack);
  });

  await t.step("NATS restarted five times in a row", async () => {
    // A client that is cut off in its handshake leaves a rejection to nobody.
    await stack.nc.close();
    for (let time = 0; time < 5; time++) await hurt(stack, "nats", "SIGTERM");
    await untilHello(stack);
  });

  await t.step(
    "a runtime that reads nothing is cut off, and comes back",
    async () => {
      const nc = await connectNats(stack.natsUrl, "flood");
      const pid = await pidOf(stack, "runtime");
      Deno.kill(pid, "SIGSTOP");
      const payload = "x".repeat(MB - 1_024);
      for (let count = 0; count < 80; count++) {
        nc.publish("functions.invoke.hello", payload);
        await nc.flush();
      }
      await nc.close();
      Deno.kill(pid, "SIGCONT");
      await untilHello(stack);
      strictEqual(await pidOf(stack, "runtime"), pid);
    },
  );
});

Deno.test("a full disk refuses deploys, not calls; with room again it takes them", async () => {
  let disk = "";
  await using stack = await startTestStack(
    "podman",
    { OCHE_PREWARMED: "0" },
    async (home) => {
      disk = `${home}/nats`;
      await Deno.mkdir(disk);
      await mount(disk, "size=48m");
    },
  );
  strictEqual((await stack.deploy("hello", HELLO)).status, 201);
  await fill(`${disk}/filler`);
  const refused = await stack.deploy("other", {
    ...HELLO,
    "data.txt": crypto.getRandomValues(new Uint8Array(60_000)).join(),
  });
  const problem = await refused.json();
  strictEqual(problem.code, "unavailable", JSON.stringify(problem));
  ok(problem.hint);
  strictEqual(await answers(stack), "hello");
  await Deno.remove(`${disk}/filler`);
  await until(async () => {
    const response = await stack.deploy("other", HELLO);
    await response.body?.cancel();
    return response.status === 201;
  });
});

async function mount(path: string, options: string): Promise<void> {
  const { code } = await new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", options, "oche-test-disk", path],
  }).output();
  strictEqual(code, 0, "a small disk needs the right to mount");
}
