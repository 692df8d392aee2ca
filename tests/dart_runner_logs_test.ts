/** The runner's log as a process: whose a line is, and what a killed function leaves. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { DartSandbox } from "./support/dart_sandbox.ts";
import { compileFunction, compilePlain } from "./support/dart_vm.ts";

const RUNNER = "tests/fixtures/runner";
const MAX_LOG_BYTES = 1024 * 1024;
const MAX_MESSAGE_BYTES = 64 * 1024;

let folder = "";
let plain = "";
let logged = "";

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  plain = await compilePlain(folder);
  logged = await compileLogged("Logged");
});

Deno.test.afterAll(async () => {
  await Deno.remove(folder, { recursive: true });
});

function compileLogged(name: string): Promise<string> {
  return compileFunction(folder, {
    source: `${RUNNER}/logged.dart`,
    name,
    hasLogger: true,
  });
}

Deno.test("print(), stdout and stderr are log lines", async () => {
  await using sandbox = await DartSandbox.start(plain);
  for (const invocation of ["one", "two"]) {
    await sandbox.ring(invocation, { path: "/output" });
    deepStrictEqual(sandbox.lines(), [
      "info printed\ntwice",
      "info to stdout",
      "error to stderr",
      "info kept",
      "info no end",
    ]);
  }
  sandbox.hangUp();
  deepStrictEqual(await sandbox.end(), { code: 0, stdout: "", stderr: "" });
});

Deno.test("an uncaught asynchronous error is a log line with its stack", async () => {
  await using sandbox = await DartSandbox.start(plain);
  await sandbox.ring("i", { path: "/async-error" });
  const lines = sandbox.lines();
  strictEqual(lines.length, 2);
  match(lines[0] ?? "", /^error Uncaught error: Bad state: nobody waits\n/);
  match(
    lines[1] ?? "",
    /^error Uncaught error: Bad state: from a timer\n#0 .*plain\.dart/,
  );
});

Deno.test("a timer that was left behind writes into no later log", async () => {
  await using sandbox = await DartSandbox.start(plain);
  await sandbox.ring("one", { path: "/leave-timer" });
  deepStrictEqual(sandbox.lines(), []);
  await sandbox.ring("two", { path: "/after-timer" });
  deepStrictEqual(sandbox.lines(), ["info in time"]);
});

Deno.test("the logger's methods log at their levels, in UTC", async () => {
  await using sandbox = await DartSandbox.start(logged);
  await sandbox.ring("i", { path: "/levels" });
  deepStrictEqual(sandbox.lines(), ["info a", "error b", "debug c", "info d"]);
  const logs = sandbox.logs();
  deepStrictEqual(logs.map(({ metadata }) => metadata), [
    { n: 1 },
    undefined,
    undefined,
    undefined,
  ]);
  for (const { timestamp } of logs) {
    match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/);
  }
});

Deno.test("a logger in a static field logs for the ring that uses it", async () => {
  await using sandbox = await DartSandbox.start(logged);
  for (const body of [1, 2]) {
    await sandbox.ring("i", { path: "/kept", body });
    deepStrictEqual(sandbox.lines(), [`info call ${body}`]);
  }
});

Deno.test("a line logged after the answer is nobody's", async () => {
  await using sandbox = await DartSandbox.start(logged);
  await sandbox.ring("one", { path: "/late" });
  await sandbox.ring("two", { path: "/levels" });
  strictEqual(sandbox.lines()[0], "info a");
});

Deno.test("what is printed outside every ring goes to the process's output", async () => {
  await using sandbox = await DartSandbox.start(logged);
  await sandbox.ring("i", { path: "/root" });
  deepStrictEqual(sandbox.lines(), []);
  sandbox.hangUp();
  strictEqual((await sandbox.end()).stdout, "outside\n");
});

Deno.test("a function that is killed in a loop leaves its lines", async () => {
  await using sandbox = await DartSandbox.start(logged);
  await sandbox.layDown('{"path":"/busy"}');
  const watcher = Deno.watchFs(sandbox.path);
  await sandbox.send('{"type":"ring","invocation":"i"}\n');
  for await (const _ of watcher) {
    if (sandbox.read("logs.json").includes("spinning")) break;
  }
  sandbox.kill();
  await sandbox.end();
  deepStrictEqual(sandbox.lines(), ["info spinning"]);
  strictEqual(sandbox.read("result.json"), "");
});

Deno.test("a flood of lines ends at 1 MB with a mark, and the next log is whole", async () => {
  await using sandbox = await DartSandbox.start(logged);
  await sandbox.ring("one", { path: "/flood" });
  ok(sandbox.read("logs.json").length <= MAX_LOG_BYTES);
  const lines = sandbox.lines();
  strictEqual(lines.at(-1), "error Log truncated at 1 MB");
  ok(lines.length > 900);
  await sandbox.ring("two", { path: "/levels" });
  strictEqual(sandbox.lines().length, 4);
});

Deno.test("a long message is cut at 64 KiB", async () => {
  await using sandbox = await DartSandbox.start(logged);
  await sandbox.ring("i", { path: "/long" });
  const [line] = sandbox.logs();
  const { length } = new TextEncoder().encode(line?.message);
  ok(length <= MAX_MESSAGE_BYTES && length > MAX_MESSAGE_BYTES - 10);
  match(line?.message ?? "", /^é+…$/);
});

Deno.test("final classes and plain ones get a logger too", async () => {
  for (
    const [name, text] of [["FinalClass", "final"], ["PlainClass", "plain"]]
  ) {
    const kernel = await compileLogged(name ?? "");
    await using sandbox = await DartSandbox.start(kernel);
    await sandbox.ring("i", {});
    strictEqual(sandbox.result().body, text);
    deepStrictEqual(sandbox.lines(), [`info ${text}`]);
  }
});
