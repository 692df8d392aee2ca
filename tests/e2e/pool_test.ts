/** Sandboxes in each state, on each engine: prewarmed, frozen, killed, replaced under load. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import type { ContainerSummary } from "../../runtime/engine/engine.ts";
import { LABEL } from "../../runtime/labels.ts";
import { ENGINES } from "../support/engines.ts";
import { plainFunction } from "../support/project.ts";
import { kill, sandboxes, untilNoneIsKept } from "../support/sandboxes.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { PATIENT, until } from "../support/until.ts";

/** Tells what it sees, and stays as long as it is told. */
const SEEING = plainFunction(
  `
    count++;
    await Future.delayed(Duration(milliseconds: int.parse(request.query['ms'] ?? '0')));
    return CloudResponse.json({
      'count': count,
      'path': env!['SHARED_PATH'],
      'here': Directory.current.path,
      'files': Directory.current.listSync().map((e) => e.path.split('/').last).toList()..sort(),
      'siblings': Directory('/app/functions').listSync(recursive: true).length,
    });`,
  { imports: "import 'dart:io';", members: "  static var count = 0;" },
);

const ENOSPC = 28;

/** Within this a sandbox waits for a function, in milliseconds. */
const PREWARMED_MS = 60_000;

/** Writes into its answer's file until it may not. */
const GREEDY = plainFunction(
  `
    final file = File('result.json').openSync(mode: FileMode.append);
    try {
      while (true) {
        file.writeFromSync(List.filled(64 * 1024, 32));
      }
    } on FileSystemException catch (error) {
      await Future.delayed(const Duration(milliseconds: 300));
      return CloudResponse.json({
        'code': error.osError?.errorCode,
        'bytes': file.lengthSync(),
      });
    } finally {
      file.truncateSync(0);
      file.closeSync();
    }`,
  { imports: "import 'dart:io';" },
);

/** The one that waits for a function: it belongs to none. */
function isGeneric({ labels }: ContainerSummary): boolean {
  return labels[LABEL.function] === undefined;
}

/**
 * The first answer of a version that a waiting sandbox took in, and its name.
 * Tried before under another name, it has no sandbox of its own; where none
 * waits yet, the next version has more luck.
 */
// deno-lint-ignore no-explicit-any -- As TestStack.invoke.
async function firstPrewarmed(stack: TestStack, name: string): Promise<any> {
  const limit = AbortSignal.timeout(PREWARMED_MS);
  for (let copy = 0;; copy++) {
    limit.throwIfAborted();
    const own = `${name}-${copy}`;
    strictEqual((await stack.deploy(own, SEEING)).status, 201);
    const answer = await stack.invoke(own);
    strictEqual(answer.body.count, 1);
    if (answer.start === "prewarmed") return { ...answer, own };
    strictEqual(answer.start, "cold");
  }
}

for (const engine of ENGINES) {
  Deno.test(`sandboxes that wait for a function, on ${engine}`, async (t) => {
    await using stack = await startTestStack(engine, {
      ...PATIENT,
      OCHE_EXCHANGE_MB: "2",
    });
    strictEqual((await stack.deploy("tried", SEEING)).status, 201);

    await t.step("take one in, under the spec's path", async () => {
      const { own, body } = await firstPrewarmed(stack, "first");
      strictEqual(body.here, body.path);
      match(
        body.path,
        /^\/app\/functions\/[0-9a-f-]{36}\/v1\/oche-[0-9a-z-]+$/,
      );
      deepStrictEqual(body.files, [
        ".env.config",
        "answer",
        "logs.json",
        "request.json",
        "result.json",
        "ring",
      ]);
      for (const count of [2, 3, 4]) {
        const again = await stack.invoke(own);
        deepStrictEqual([again.start, again.body.count], ["warm", count]);
      }
    });

    await t.step("are never another function's", async () => {
      await firstPrewarmed(stack, "second");
    });

    await t.step("fill their own directory alone, cold or not", async () => {
      strictEqual((await stack.deploy("greedy", GREEDY)).status, 201);
      strictEqual((await stack.deploy("greedy-too", GREEDY)).status, 201);
      for (const own of ["greedy", "greedy-too"]) {
        const full = stack.invoke(own);
        strictEqual((await stack.invoke("tried")).body.count > 0, true);
        const { code, bytes } = (await full).body;
        strictEqual(code, ENOSPC);
        ok(bytes < 2 * 1024 * 1024, `it wrote ${bytes}`);
        strictEqual((await stack.invoke(own)).body.code, ENOSPC);
      }
    });

    await t.step("are replaced when they die, and a call goes on", async () => {
      for (const each of (await sandboxes(stack)).filter(isGeneric)) {
        await kill(stack, each);
      }
      await firstPrewarmed(stack, "third");
    });
  });

  Deno.test(`sandboxes that are frozen, on ${engine}`, async (t) => {
    await using stack = await startTestStack(engine, {
      ...PATIENT,
      OCHE_FREEZE_MS: "1",
      OCHE_PREWARMED: "0",
    });
    strictEqual((await stack.deploy("frozen", SEEING)).status, 201);

    await t.step("thaw for a call and keep their state", async () => {
      for (const count of [1, 2, 3]) {
        strictEqual((await stack.invoke("frozen")).body.count, count);
      }
    });

    await t.step("can be killed: the next call gets another", async () => {
      for (const each of await sandboxes(stack)) await kill(stack, each);
      strictEqual((await stack.invoke("frozen")).body.count, 1);
    });

    await t.step("go with their function", async () => {
      strictEqual(
        (await stack.call("DELETE", "/api/functions/frozen")).status,
        204,
      );
      await until(async () => (await sandboxes(stack)).length === 0);
    });
  });

  Deno.test(`a sandbox that is killed while it serves fails that call alone, on ${engine}`, async () => {
    await using stack = await startTestStack(engine, {
      ...PATIENT,
      OCHE_PREWARMED: "0",
    });
    strictEqual((await stack.deploy("busy", SEEING)).status, 201);
    await stack.invoke("busy");
    const [busy] = await sandboxes(stack);
    ok(busy);
    // Either call may be the one that the first sandbox serves; a loaded machine
    // takes seconds to kill it.
    const calls = [1, 2].map(() => stack.call("GET", "/fn/busy?ms=8000"));
    await until(async () => (await sandboxes(stack)).length === 2);
    await kill(stack, busy);
    const answers = await Promise.all(calls);
    const killed = answers.find(({ status }) => status === 502);
    const spared = answers.find(({ status }) => status === 200);
    ok(killed && spared, answers.map(({ status }) => status).join());
    // Nobody told the runtime: to it the kernel may have done it.
    match((await killed.json()).reason, /^(crash|oom)$/);
    await spared.body?.cancel();
    strictEqual((await stack.invoke("busy")).statusCode, 200);
  });

  Deno.test(`a sandbox that is killed while it starts fails the call that waits for it alone, on ${engine}`, async () => {
    await using stack = await startTestStack(engine, {
      ...PATIENT,
      OCHE_PREWARMED: "0",
    });
    strictEqual((await stack.deploy("fresh", SEEING)).status, 201);
    await stack.call("PATCH", "/api/functions/fresh", { body: '{"idleMs":1}' });
    await untilNoneIsKept(stack, "fresh");
    const killed: number[] = [];
    // The engine may be slower to kill than the sandbox to answer.
    while (!killed.includes(502)) {
      await until(async () => (await sandboxes(stack)).length === 0);
      let isOver = false;
      const call = stack.call("GET", "/fn/fresh?ms=0")
        .finally(() => isOver = true);
      await until(async () => isOver || (await sandboxes(stack)).length > 0);
      for (const each of await sandboxes(stack)) await kill(stack, each);
      const { status } = await call;
      // Or the engine had not started it yet.
      ok([200, 502, 503].includes(status), `answered ${status}`);
      killed.push(status);
      ok(killed.length < 20, "no start was killed");
    }
    strictEqual((await stack.invoke("fresh")).body.count, 1);
  });
}

Deno.test("settings of a function: minWarm, maxConcurrency, single-use", async (t) => {
  await using stack = await startTestStack("podman", {
    ...PATIENT,
    OCHE_PREWARMED: "0",
  });
  strictEqual((await stack.deploy("set", SEEING)).status, 201);
  async function configure(change: unknown): Promise<Response> {
    return await stack.call("PATCH", "/api/functions/set", {
      body: JSON.stringify(change),
    });
  }

  await t.step("minWarm starts them, and one that dies again", async () => {
    const { settings } = await (await configure({ minWarm: 2 })).json();
    deepStrictEqual(settings, { minWarm: 2 });
    await until(async () => (await sandboxes(stack)).length === 2);
    const [first] = await sandboxes(stack);
    ok(first);
    await kill(stack, first);
    await until(async () =>
      (await sandboxes(stack)).filter(({ id }) => id !== first.id).length === 2
    );
  });

  await t.step("maxConcurrency makes the others wait", async () => {
    await (await configure({ minWarm: null, maxConcurrency: 1 })).json();
    // From when the runtime has heard of it.
    await until(async () => {
      const begun = performance.now();
      const answers = await Promise.all(
        [1, 2, 3].map(() => stack.call("GET", "/fn/set?ms=200")),
      );
      for (const answer of answers) strictEqual(answer.status, 200);
      await Promise.all(answers.map((each) => each.body?.cancel()));
      return performance.now() - begun >= 600;
    });
  });

  await t.step("single-use keeps nothing of a call for the next", async () => {
    await (await configure({ maxConcurrency: null, isolation: "single-use" }))
      .json();
    // What served before the change may serve once more.
    await until(async () => (await stack.invoke("set")).body.count === 1);
    await stack.invoke("set");
    const places = new Set<string>();
    for (let call = 0; call < 3; call++) {
      const { body } = await stack.invoke("set");
      strictEqual(body.count, 1);
      places.add(body.path);
    }
    strictEqual(places.size, 3);
  });

  await t.step("what is no setting is refused", async () => {
    for (const change of [{ minWarm: -1 }, { isolation: "x" }, { nope: 1 }]) {
      const answer = await configure(change);
      strictEqual(answer.status, 400);
      await answer.body?.cancel();
    }
  });
});

Deno.test("a redeploy under load fails no call", async () => {
  await using stack = await startTestStack("podman", PATIENT);
  const version = (n: number) =>
    plainFunction(`    return CloudResponse.text('v${n}');`);
  strictEqual((await stack.deploy("load", version(1))).status, 201);
  const seen = new Set<string>();
  let isOver = false;
  async function caller(): Promise<void> {
    while (!isOver) {
      const answer = await stack.call("GET", "/fn/load");
      strictEqual(answer.status, 200);
      seen.add(await answer.text());
    }
  }
  const callers = Promise.all([1, 2, 3, 4].map(caller));
  try {
    strictEqual((await stack.deploy("load", version(2))).status, 201);
    strictEqual((await stack.deploy("load", version(3))).status, 201);
  } finally {
    isOver = true;
  }
  await callers;
  deepStrictEqual([seen.has("v1"), seen.has("v2")], [true, true]);
  strictEqual(await (await stack.call("GET", "/fn/load")).text(), "v3");
});
