/** The program that waits for a function: takes one in, and serves it as it would serve itself. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { DartSandbox } from "./support/dart_sandbox.ts";
import {
  compileFunction,
  compileLoader,
  compilePlain,
} from "./support/dart_vm.ts";

let folder = "";
let loader: string[] = [];
let plain = "";

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  loader = await compileLoader(folder);
  plain = await compilePlain(folder);
});

Deno.test.afterAll(async () => {
  await Deno.remove(folder, { recursive: true });
});

Deno.test("load() takes a function in, and serves its calls", async () => {
  await using sandbox = await DartSandbox.start(plain, {
    loader,
    env: 'GREETING="of its own"\n',
  });
  deepStrictEqual(await sandbox.load(plain), { type: "loaded" });
  for (const invocation of ["one", "two"]) {
    await sandbox.ring(invocation, { path: "/echo", body: { invocation } });
    const { statusCode, body } = sandbox.result();
    strictEqual(statusCode, 200);
    deepStrictEqual((body as { body: unknown }).body, { invocation });
  }
  await sandbox.ring("env", { path: "/env" });
  deepStrictEqual(sandbox.result().body, { GREETING: "of its own" });
  await sandbox.ring("three", { path: "/throw" });
  strictEqual(sandbox.result().statusCode, 500);
});

Deno.test("load() takes in a function that asks for a logger", async () => {
  const logged = await compileFunction(folder, {
    source: "tests/fixtures/runner/logged.dart",
    name: "Logged",
    hasLogger: true,
  });
  await using sandbox = await DartSandbox.start(logged, { loader });
  deepStrictEqual(await sandbox.load(logged), { type: "loaded" });
  await sandbox.ring("one", { path: "/levels" });
  match(sandbox.lines().join("\n"), /^debug /m);
});

Deno.test("load() has a function wait at the pipe for its first call already", async () => {
  await using sandbox = await DartSandbox.start(plain, {
    loader,
    releaseMs: 60_000,
  });
  deepStrictEqual(await sandbox.load(plain), { type: "loaded", waits: true });
  const rung = [];
  for (const invocation of ["one", "two", "three"]) {
    rung.push(await sandbox.ring(invocation, { path: "/echo" }));
  }
  deepStrictEqual(rung, ["pipe", "pipe", "pipe"]);
});

Deno.test("load() leaves nothing of its practice to the function", async () => {
  await using sandbox = await DartSandbox.start(plain, { loader });
  await sandbox.load(plain);
  await sandbox.ring("one", { path: "/echo" });
  deepStrictEqual(sandbox.logs(), []);
  const names = [];
  for await (const { name } of Deno.readDir(sandbox.path)) names.push(name);
  strictEqual(names.length, 5);
});

Deno.test("load() ends the process when there is nothing to load", async () => {
  for (
    const [program, why] of [
      ["missing.dill", /^Cannot load the function: .*No such file/m],
      ["request.json", /too small to be a valid kernel file/],
    ] as const
  ) {
    await using sandbox = await DartSandbox.start(plain, { loader });
    strictEqual(await sandbox.load(`${sandbox.path}/${program}`), undefined);
    const { code, stderr } = await sandbox.end();
    ok(code > 250, `ended with ${code}`);
    match(stderr, why);
  }
});
