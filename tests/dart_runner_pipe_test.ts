/** The runner at the pipe: rung without a turn of the VM's own threads. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { DartSandbox } from "./support/dart_sandbox.ts";
import { compilePlain } from "./support/dart_vm.ts";

const LONG_MS = 60_000;

let folder = "";
let plain = "";

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  plain = await compilePlain(folder);
});

Deno.test.afterAll(async () => {
  await Deno.remove(folder, { recursive: true });
});

Deno.test("run() waits at the pipe from its start", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: LONG_MS });
  const ways: string[] = [];
  for (const name of ["Ada", "Grace", "a longer name, of several words"]) {
    ways.push(await sandbox.ring(`i-${name}`, { path: "/echo", body: name }));
    const body = sandbox.result().body as Record<string, unknown>;
    deepStrictEqual([body.body, body.invocationId], [name, `i-${name}`]);
    deepStrictEqual(sandbox.logs(), []);
  }
  deepStrictEqual(ways, ["pipe", "pipe", "pipe"]);
});

Deno.test("run() answers by a second connection where many calls come", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: LONG_MS });
  const has: boolean[] = [];
  for (const name of ["a", "b", "c", "d", "e", "f"]) {
    await sandbox.ring(name, { path: "/echo", body: name });
    has.push(sandbox.hasAnswerLine);
  }
  deepStrictEqual([has.at(0), has.at(-1)], [false, true]);
});

Deno.test("run() answers by the pipe of answers where the runtime watches", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: LONG_MS });
  for (const name of ["Ada", "Grace"]) {
    await sandbox.ringWatched(name, { path: "/echo", body: name });
    strictEqual((sandbox.result().body as { body: string }).body, name);
    // Who watched before need not watch again.
    await sandbox.ring(`not ${name}`, { path: "/string" });
  }
});

Deno.test("run() goes back to the doorbell when no ring comes for a while", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: 1 });
  await sandbox.ring("one", { path: "/string" });
  await sandbox.released();
  strictEqual(await sandbox.ring("two", { path: "/string" }), "doorbell");
});

Deno.test("run() takes a request that is larger than its buffer", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: LONG_MS });
  for (const size of [100, 65_536, 200_000, 3]) {
    const body = "é".repeat(size);
    await sandbox.ring(`i${size}`, { path: "/echo", body });
    strictEqual((sandbox.result().body as { body: string }).body, body);
  }
});

Deno.test("what a call left running goes on before the next ring of the pipe", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: LONG_MS });
  for (const turns of [0, 1, 2, 3]) {
    await sandbox.ring("i", { path: "/turns" });
    strictEqual(sandbox.result().body, turns);
  }
});

Deno.test("a timer that was left behind runs though nobody rings", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: 10 });
  await sandbox.ring("one", { path: "/string" });
  await sandbox.ring("two", { path: "/later" });
  strictEqual(await sandbox.nextOutput(), "later\n");
  await sandbox.ring("three", { path: "/string" });
  strictEqual(sandbox.result().body, "text");
});

Deno.test("run() at the pipe ends when the runtime hangs up", async () => {
  await using sandbox = await DartSandbox.start(plain, { releaseMs: LONG_MS });
  await sandbox.ring("i", { path: "/string" });
  sandbox.hangUp();
  deepStrictEqual(await sandbox.end(), { code: 0, stdout: "", stderr: "" });
});
