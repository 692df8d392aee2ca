import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import type { CloudRequest } from "../../src/contracts/cloud.ts";
import { type Call, eventually, startAsync } from "../support/async.ts";

function request(
  headers: Record<string, string>,
  body: CloudRequest["body"] = null,
): CloudRequest {
  return { method: "POST", path: "/", headers, query: {}, body };
}

/** Long enough that calls overlap, where they may, on a busy machine too. */
const CALL_MS = 200;

/** Counts who runs at once, by what `of` names. */
function watch(of: (call: Call) => string) {
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  let all = 0;
  const seen = { most, mostOfAll: 0 };
  return {
    seen,
    async behaviour(call: Call): Promise<void> {
      const name = of(call);
      const count = (now.get(name) ?? 0) + 1;
      now.set(name, count);
      most.set(name, Math.max(most.get(name) ?? 0, count));
      seen.mostOfAll = Math.max(seen.mostOfAll, ++all);
      await new Promise((resolve) => setTimeout(resolve, CALL_MS));
      now.set(name, (now.get(name) ?? 1) - 1);
      all--;
    },
  };
}

Deno.test("of one concurrency key one runs at once, on two runtimes; keys run side by side", async () => {
  await using test = await startAsync();
  const id = await test.deployed("keyed", {
    concurrencyKey: "header:X-Tenant",
  });
  const ids: string[] = [];
  for (let i = 0; i < 24; i++) {
    ids.push(
      await test.submit(id, { request: request({ "x-tenant": `t${i % 3}` }) }),
    );
  }
  const { seen, behaviour } = watch(({ request }) =>
    request.headers["x-tenant"] ?? ""
  );
  await test.take(behaviour);
  await test.take(behaviour);
  for (const each of ids) strictEqual((await test.ended(each)).attempt, 1);
  deepStrictEqual(Object.fromEntries(seen.most), { t0: 1, t1: 1, t2: 1 });
  ok(seen.mostOfAll > 1, "keys did not run side by side");
});

Deno.test("keyConcurrency lets as many of a key run at once, found in the body", async () => {
  await using test = await startAsync();
  const id = await test.deployed("keyed", {
    concurrencyKey: "body:customer.id",
    keyConcurrency: 2,
  });
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    ids.push(
      await test.submit(id, { request: request({}, { customer: { id: 7 } }) }),
    );
  }
  const { seen, behaviour } = watch(() => "7");
  await test.take(behaviour, { concurrency: 8 });
  for (const each of ids) await test.ended(each);
  strictEqual(seen.most.get("7"), 2);
});

Deno.test("a rate starts no more than its limit in any interval, on two runtimes", async () => {
  await using test = await startAsync();
  const rate = { limit: 3, intervalMs: 1_000 };
  const id = await test.deployed("slow", { rate });
  const ids = [];
  for (let i = 0; i < 10; i++) ids.push(await test.submit(id));
  await test.take(() => undefined);
  await test.take(() => undefined);
  const starts: number[] = [];
  for (const each of ids) {
    const { attempts } = await test.ended(each);
    starts.push(Date.parse(attempts[0]?.startedAt ?? ""));
  }
  starts.sort((a, b) => a - b);
  for (let i = rate.limit; i < starts.length; i++) {
    const gap = (starts[i] ?? 0) - (starts[i - rate.limit] ?? 0);
    // Between a turn and the start that is noted lie writes, of any length.
    ok(gap >= rate.intervalMs / 2, `only ${gap} ms between four starts`);
  }
});

Deno.test("of a debounced key the newest runs alone, and the others say which it is", async () => {
  await using test = await startAsync();
  const id = await test.deployed("typing", {
    debounceMs: 4_000,
    concurrencyKey: "query:doc",
  });
  const submit = (doc: string, body: number) =>
    test.submit(id, {
      request: { ...request({}, body), query: { doc } },
    });
  await test.take(() => undefined);
  const a = [await submit("a", 1), await submit("a", 2), await submit("a", 3)];
  const b = await submit("b", 9);
  const records = await Promise.all(a.map((each) => test.ended(each)));
  deepStrictEqual(records.map(({ state }) => state), [
    "cancelled",
    "cancelled",
    "succeeded",
  ]);
  deepStrictEqual(records.map(({ supersededBy }) => supersededBy), [
    a[1],
    a[2],
    undefined,
  ]);
  strictEqual((await test.ended(b)).state, "succeeded");
  deepStrictEqual(test.calls.map(({ request }) => request.body).sort(), [3, 9]);
});

Deno.test("what waits is served by priority, then in the order of arrival", async () => {
  await using test = await startAsync();
  const gate = await test.deployed("gate");
  const id = await test.deployed("ranked");
  await test.submit(gate);
  const open = Promise.withResolvers<void>();
  const runtime = await test.take(
    ({ functionId }) => functionId === gate ? open.promise : undefined,
    { concurrency: 1 },
  );
  await eventually("that the gate runs", () => test.calls.length === 1);
  const priorities = [0, 5, 9, 5, 0, 9];
  for (const [index, priority] of priorities.entries()) {
    await test.submit(id, { priority, request: request({}, index) });
  }
  await eventually("that all are seen", () => runtime.seen() === 7);
  open.resolve();
  await eventually("all of them", () => test.calls.length === 7);
  deepStrictEqual(
    test.calls.slice(1).map(({ request }) => request.body),
    [2, 5, 1, 3, 0, 4],
  );
});

Deno.test("a function with 1,000 that wait does not keep one with 1 from running", async () => {
  await using test = await startAsync();
  const many = await test.deployed("many");
  const one = await test.deployed("one");
  await Promise.all(Array.from({ length: 1_000 }, () => test.submit(many)));
  const last = await test.submit(one);
  await test.take(() => undefined, { concurrency: 2 });
  strictEqual((await test.ended(last)).state, "succeeded");
  const before = test.calls.findIndex(({ functionId }) => functionId === one);
  ok(before < 900, `it ran as number ${before}`);
});

Deno.test("a delay keeps one from starting, and nothing behind it", async () => {
  await using test = await startAsync();
  const id = await test.deployed("later");
  const first = await test.take(() => undefined);
  const notBefore = Date.now() + 5_000;
  const late = await Promise.all(
    Array.from({ length: 50 }, () => test.submit(id, { notBefore })),
  );
  const soon = await test.submit(id);
  strictEqual((await test.ended(soon)).state, "succeeded");
  strictEqual(test.calls.length, 1);
  // Nothing of the delay is in the memory of the runtime alone.
  await first.kill();
  await test.take(() => undefined);
  for (const each of late) {
    const { state, attempts } = await test.ended(each);
    strictEqual(state, "succeeded");
    ok(Date.parse(attempts[0]?.startedAt ?? "") >= notBefore);
  }
});

Deno.test("what is cancelled while it waits never runs", async () => {
  await using test = await startAsync();
  const id = await test.deployed("later");
  await test.take(() => undefined);
  const invocation = await test.submit(id, { notBefore: Date.now() + 3_000 });
  const other = await test.submit(id, { notBefore: Date.now() + 3_100 });
  await rejects(test.stores.async.result(invocation), {
    hint: /^Ask again once it has ended\./,
  });
  strictEqual((await test.stores.async.cancel(invocation)).state, "cancelled");
  await rejects(test.stores.async.result(invocation), {
    hint: /^It has ended without one\. See \.\/oche invocations show /,
  });
  await test.ended(other);
  deepStrictEqual(test.calls.map(({ invocationId }) => invocationId), [other]);
  strictEqual((await test.ended(invocation)).state, "cancelled");
});

Deno.test("a poison message is a dead letter and blocks no other", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const { js } = await import("../../src/nats/bootstrap.ts").then((each) =>
    each.bootstrap(test.nats.nc)
  );
  for (const [name, payload] of [["p1", "nope"], ["p2", ""], ["p3", "{}"]]) {
    await js.publish(`functions.async.${id}.${name}`, payload ?? "");
  }
  for (const token of ["nobody.p4", `${id}.p%5`, `${crypto.randomUUID()}.p6`]) {
    await js.publish(`functions.async.${token}`, "nope");
  }
  const invocation = await test.submit(id);
  await test.take(() => undefined, { concurrency: 1 });
  strictEqual((await test.ended(invocation)).state, "succeeded");
  const jsm = await js.jetstreamManager();
  await eventually(
    "an empty stream",
    async () => (await jsm.streams.info("OCHE_ASYNC")).state.messages === 0,
  );
  for (const name of ["p1", "p2", "p3"]) {
    const letter = await eventually(
      `the letter of ${name}`,
      () => test.stores.dead.find(name),
    );
    strictEqual(letter.reason, "unreadable");
  }
});

Deno.test("the work of a deleted function goes to the dead letters at once, however long it was to wait", async () => {
  await using test = await startAsync();
  const retry = {
    maxAttempts: 3,
    initialDelayMs: 3_600_000,
    factor: 1,
    maxDelayMs: 3_600_000,
    jitter: 0,
    on: ["5xx" as const],
    maxAgeMs: 86_400_000,
  };
  const later = { notBefore: Date.now() + 3_600_000 };
  const [a, b] = [
    await test.deployed("a", { retry }),
    await test.deployed("b"),
  ];
  const retrying = await test.submit(a);
  const first = await test.take(() => ({ statusCode: 500 }));
  await eventually(
    "a first attempt",
    async () => (await test.stores.async.find(retrying))?.state === "retrying",
  );
  const delayed = await test.submit(a, later);
  await test.registry.remove(a);
  strictEqual((await test.ended(delayed)).reason, "function_removed");
  strictEqual((await test.ended(retrying)).reason, "function_removed");

  // And one that is deleted while no runtime is there.
  await first.kill();
  const unseen = await test.submit(b, later);
  await test.registry.remove(b);
  await test.take(() => undefined);
  strictEqual((await test.ended(unseen)).reason, "function_removed");
  strictEqual(test.calls.length, 1);
});
