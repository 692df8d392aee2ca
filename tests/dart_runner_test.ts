/** The runner as a process: the doorbell's protocol, answers, and what goes wrong. */
import {
  deepStrictEqual,
  match,
  notStrictEqual,
  strictEqual,
} from "node:assert";
import { DartSandbox } from "./support/dart_sandbox.ts";
import { compileFunction, dartVm } from "./support/dart_vm.ts";

const SOURCE = "tests/fixtures/runner/plain.dart";
const NOBODY = 65_532;

let folder = "";
let plain = "";

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  plain = await compile("Plain");
});

Deno.test.afterAll(async () => {
  await Deno.remove(folder, { recursive: true });
});

function compile(name: string): Promise<string> {
  return compileFunction(folder, { source: SOURCE, name, hasLogger: false });
}

function failure(why: string): unknown {
  return {
    statusCode: 500,
    headers: { "content-type": "application/json" },
    body: { error: `Function execution failed: ${why}` },
  };
}

Deno.test("run() answers every ring with what the request says", async () => {
  await using sandbox = await DartSandbox.start(plain);
  for (
    const [invocation, name] of [["one", "Ada, a long name"], ["two", "é"]]
  ) {
    await sandbox.ring(invocation ?? "", {
      method: "PUT",
      path: "/echo",
      headers: { accept: "*/*" },
      query: { a: "2" },
      queryAll: { a: ["1", "2"] },
      body: { name },
    });
    deepStrictEqual(sandbox.result(), {
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: {
        method: "PUT",
        headers: { accept: "*/*" },
        query: { a: "2" },
        queryAll: { a: ["1", "2"] },
        body: { name },
        invocationId: invocation,
      },
    });
    deepStrictEqual(sandbox.logs(), []);
  }
});

Deno.test("run() answers as each path of the function asks", async (t) => {
  await using sandbox = await DartSandbox.start(plain);
  const cases: [
    path: string,
    body: unknown,
    answer: Record<string, unknown>,
  ][] = [
    ["/bytes", null, { body: "AP8K", isBase64Encoded: true }],
    ["/string", null, { body: "text", encoding: "json" }],
    ["/body-bytes", "é", { body: [0xC3, 0xA9] }],
    ["/nowhere", null, { statusCode: 404, body: "no /nowhere" }],
    ["/async-error", null, { body: "went on" }],
  ];
  for (const [path, body, answer] of cases) {
    await t.step(path, async () => {
      await sandbox.ring(path, { path, body });
      const { statusCode, headers: _, ...rest } = sandbox.result();
      deepStrictEqual({ statusCode, ...rest }, { statusCode: 200, ...answer });
    });
  }
});

Deno.test("run() makes an instance for each ring and keeps statics", async () => {
  await using sandbox = await DartSandbox.start(plain);
  for (const calls of [[1, 1], [2, 1], [3, 1]]) {
    await sandbox.ring("i", { path: "/calls" });
    deepStrictEqual(sandbox.result().body, calls);
  }
});

Deno.test("run() hands over .env.config, and nothing else of the environment", async () => {
  await using sandbox = await DartSandbox.start(plain, {
    env: '# ours\nA=b=c\nGONE=x\nLINES="a\\nb"\n',
  });
  for (const invocation of ["one", "two"]) {
    await sandbox.ring(invocation, { path: "/env" });
    deepStrictEqual(sandbox.result().body, { A: "b=c", LINES: "a\nb" });
  }
});

Deno.test("run() turns what goes wrong into a failure, and serves on", async (t) => {
  await using sandbox = await DartSandbox.start(plain);
  const cases: [request: string, why: RegExp][] = [
    ['{"path":"/throw"}', /^Bad state: no luck$/],
    ['{"path":"/silent"}', /^\(an object whose toString\(\) throws\)$/],
    ['{"path":"/overflow"}', /^Stack Overflow$/],
    ['{"path":"/opaque"}', /^Converting object to an encodable object failed/],
    ["", /^FormatException: /],
    ['{"path":', /^FormatException: /],
    ["[]", /^FormatException: request\.json holds no JSON object$/],
    ['{"query":1}', /^FormatException: "query" of request\.json/],
  ];
  for (const [request, why] of cases) {
    await t.step(request || "an empty request", async () => {
      await sandbox.layDown(request);
      await sandbox.send('{"type":"ring","invocation":"i"}\n');
      deepStrictEqual(await sandbox.nextFrame(), {
        type: "done",
        invocation: "i",
      });
      const result = sandbox.result();
      const { error } = result.body as { error: string };
      const reason = error.replace("Function execution failed: ", "");
      match(reason, why);
      deepStrictEqual(result, failure(reason));
      const [line, ...more] = sandbox.lines();
      strictEqual(more.length, 0);
      match(line ?? "", /^error Function execution failed: [^]*\n#0 /);
    });
  }
  await sandbox.ring("after", { path: "/string" });
  strictEqual(sandbox.result().body, "text");
});

Deno.test("run() says which line of .env.config is broken", async () => {
  await using sandbox = await DartSandbox.start(plain, { env: "A=1\nB\n" });
  await sandbox.ring("i", { path: "/env" });
  const why = "FormatException: Cannot read line 2 of .env.config: it has no =";
  deepStrictEqual(sandbox.result(), failure(why));
});

Deno.test("run() brings a static future's error to a later ring", async () => {
  await using sandbox = await DartSandbox.start(plain);
  for (const invocation of ["one", "two"]) {
    await sandbox.ring(invocation, { path: "/broken-static" });
    deepStrictEqual(sandbox.result(), failure("Bad state: broken for good"));
  }
});

Deno.test("run() leaves nothing of a larger answer, nor follows the working directory", async () => {
  await using sandbox = await DartSandbox.start(plain);
  await sandbox.ring("large", { path: "/large", body: 3_000_000 });
  strictEqual((sandbox.result().body as string).length, 3_000_000);
  await sandbox.ring("move", { path: "/move" });
  await sandbox.ring("small", { path: "/large", body: 1 });
  strictEqual(sandbox.result().body, "x");
});

Deno.test("run() ignores frames that it does not know", async () => {
  await using sandbox = await DartSandbox.start(plain);
  await sandbox.layDown('{"path":"/string"}');
  await sandbox.send(
    '\nnot JSON\n[]\n{"type":"news"}\n{"type":"ring"}\n{"type":"ri',
  );
  await sandbox.send(`ng","invocation":"split"}\n`);
  deepStrictEqual(await sandbox.nextFrame(), {
    type: "done",
    invocation: "split",
  });
});

Deno.test("run() ends when the doorbell closes, in mid-call too", async () => {
  for (const path of [undefined, "/after-timer"]) {
    await using sandbox = await DartSandbox.start(plain);
    if (path) {
      await sandbox.layDown(JSON.stringify({ path }));
      await sandbox.send('{"type":"ring","invocation":"i"}\n');
    }
    sandbox.hangUp();
    deepStrictEqual(await sandbox.end(), { code: 0, stdout: "", stderr: "" });
  }
});

Deno.test("run() without a doorbell serves once", async (t) => {
  for (
    const [path, code, body] of [
      ["/string", 0, "text"],
      ["/throw", 1, { error: "Function execution failed: Bad state: no luck" }],
      ["/leave-timer", 0, null],
    ] as const
  ) {
    await t.step(path, async () => {
      await using sandbox = await DartSandbox.start(plain, {
        hasDoorbell: false,
        request: JSON.stringify({ path }),
      });
      deepStrictEqual(await sandbox.end(), { code, stdout: "", stderr: "" });
      deepStrictEqual(sandbox.result().body, body);
    });
  }
});

Deno.test("run() without a doorbell fails when the function never answers", async () => {
  await using sandbox = await DartSandbox.start(plain, {
    hasDoorbell: false,
    request: '{"path":"/after-timer"}',
  });
  notStrictEqual((await sandbox.end()).code, 0);
  strictEqual(sandbox.read("result.json"), "");
});

Deno.test("run() takes base classes and plain ones", async () => {
  for (const [name, body] of [["BaseClass", "base"], ["PlainClass", "plain"]]) {
    const kernel = await compile(name ?? "");
    await using sandbox = await DartSandbox.start(kernel, { env: "A=b\n" });
    await sandbox.ring("i", {});
    strictEqual(sandbox.result().body, body);
  }
});

Deno.test({
  name: "run() needs no right but to write into its two files",
  ignore: Deno.uid() !== 0,
  async fn() {
    // The user of a sandbox may not be able to reach the cache.
    const vm = `${folder}/dart`;
    await Deno.copyFile(dartVm(), vm);
    await using sandbox = await DartSandbox.start(plain, { vm, uid: NOBODY });
    await sandbox.ring("i", { path: "/output" });
    strictEqual(sandbox.result().statusCode, 200);
    strictEqual(sandbox.logs().length, 5);
  },
});
