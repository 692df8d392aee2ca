import { deepStrictEqual, strictEqual } from "node:assert";
import { AppError } from "../../src/contracts/error.ts";
import { eventually, startAsync } from "../support/async.ts";

const QUICK = { initialDelayMs: 1, factor: 1, maxDelayMs: 1, jitter: 0 };

function retry(maxAttempts: number, more: Record<string, unknown> = {}) {
  return {
    retry: {
      ...QUICK,
      maxAttempts,
      on: ["5xx" as const, "timeout" as const, "crash" as const],
      maxAgeMs: 3_600_000,
      ...more,
    },
  };
}

Deno.test("an invocation that was accepted runs once, and its answer is kept", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const invocation = await test.submit(id, { requestHash: "h" });
  const queued = await test.stores.async.find(invocation);
  deepStrictEqual([queued?.state, queued?.requestHash], ["queued", "h"]);
  await test.take(() => ({ statusCode: 201, body: { a: 1 } }));
  const record = await test.ended(invocation);
  strictEqual(record.state, "succeeded");
  deepStrictEqual(record.result?.body, { a: 1 });
  strictEqual(record.requestHash, "h");
  deepStrictEqual(
    record.attempts.map(({ attempt, statusCode }) => [attempt, statusCode]),
    [[1, 201]],
  );
  const [call] = test.calls;
  strictEqual(call?.request.headers["oche-attempt"], "1");
  strictEqual(call?.request.headers["oche-invocation-id"], invocation);
  await eventually(
    "an empty queue",
    async () => (await test.stores.queue.waiting(id)).length === 0,
  );
  deepStrictEqual(await test.stores.async.result(invocation), {
    statusCode: 201,
    headers: {},
    body: { a: 1 },
  });
});

Deno.test("the same id again does not run again: while it waits, and after its end", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const one = { invocationId: "delivery-1" };
  const request = {
    method: "POST",
    path: "/",
    headers: {},
    query: {},
    body: 1,
  };
  const submission = {
    functionId: id,
    request,
    source: { type: "webhook" as const },
    ...one,
  };
  const { async: port } = test.stores;
  strictEqual((await port.submit(submission)).duplicate, false);
  strictEqual((await port.submit(submission)).duplicate, true);
  await test.take(() => undefined);
  await test.ended("delivery-1");
  // As long after as JetStream's own window: purge what it remembers.
  const jsm = await (await import("@nats-io/jetstream")).jetstreamManager(
    test.nats.nc,
  );
  await jsm.streams.update("OCHE_ASYNC", { duplicate_window: 100_000_000 });
  const first = (await jsm.streams.info("OCHE_ASYNC")).state.last_seq;
  await eventually("a window that is over", async () => {
    await port.submit(submission);
    return (await jsm.streams.info("OCHE_ASYNC")).state.last_seq > first;
  });
  await eventually(
    "an empty queue",
    async () => (await test.stores.queue.waiting(id)).length === 0,
  );
  strictEqual(test.calls.length, 1);
});

Deno.test("a 5xx is tried again as the policy says; the function sees which attempt it is", async () => {
  await using test = await startAsync();
  const id = await test.deployed("shaky", retry(3));
  await test.take(({ attempt }) => ({ statusCode: attempt < 3 ? 500 : 200 }));
  const record = await test.ended(await test.submit(id));
  strictEqual(record.state, "succeeded");
  deepStrictEqual(record.attempts.map(({ failure }) => failure), [
    "5xx",
    "5xx",
    undefined,
  ]);
  deepStrictEqual(test.calls.map(({ attempt }) => attempt), [1, 2, 3]);
});

Deno.test("what used up its attempts lies in the dead letters with its reason", async () => {
  await using test = await startAsync();
  const id = await test.deployed("broken", retry(2));
  await test.take(() => {
    throw new AppError("function_failed", "It died", { reason: "oom" });
  });
  const invocation = await test.submit(id);
  const record = await test.ended(invocation);
  strictEqual(record.state, "dead");
  const letter = await eventually(
    "a dead letter",
    () => test.stores.dead.find(invocation),
  );
  strictEqual(letter.reason, "exhausted");
  strictEqual(letter.attempts, 2);
  strictEqual(letter.lastError, "It died");
  strictEqual(
    letter.logs,
    `/api/functions/${id}/logs?invocation=${invocation}`,
  );
  strictEqual(letter.message?.functionId, id);
});

Deno.test("a letter says what the function's last answer said", async () => {
  await using test = await startAsync();
  const id = await test.deployed("broken", retry(1));
  for (
    const [body, lastError] of [
      [
        { error: "Function execution failed: x" },
        "Function execution failed: x",
      ],
      ["no", "The function answered with status 503"],
    ] as const
  ) {
    const runtime = await test.take(() => ({ statusCode: 503, body }));
    const invocation = await test.submit(id);
    await test.ended(invocation);
    const letter = await eventually(
      "a dead letter",
      () => test.stores.dead.find(invocation),
    );
    strictEqual(letter.lastError, lastError);
    await runtime.taker[Symbol.asyncDispose]();
  }
});

Deno.test("a 4xx is final, and no dead letter", async () => {
  await using test = await startAsync();
  const id = await test.deployed("picky", retry(3));
  await test.take(() => ({ statusCode: 422 }));
  const invocation = await test.submit(id);
  const record = await test.ended(invocation);
  strictEqual(record.state, "failed");
  strictEqual(test.calls.length, 1);
  strictEqual(await test.stores.dead.find(invocation), undefined);
});

Deno.test("a busy runtime is no attempt", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello", retry(1));
  let isBusy = true;
  await test.take(() => {
    if (!isBusy) return undefined;
    isBusy = false;
    throw new AppError("busy", "No room", { retryAfter: 0 });
  });
  const record = await test.ended(await test.submit(id));
  strictEqual(record.state, "succeeded");
  strictEqual(record.attempt, 1);
});

Deno.test("an attempt of a runtime that died counts: with one attempt it is not run again", async () => {
  await using test = await startAsync();
  const once = await test.deployed("once", retry(1));
  const twice = await test.deployed("twice", retry(2));
  const hangs = new Promise(() => {});
  const first = await test.take(() => hangs);
  const [a, b] = [await test.submit(once), await test.submit(twice)];
  await eventually("both calls", () => test.calls.length === 2);
  await first.kill();
  await test.take(() => undefined);
  const [dead, done] = [await test.ended(a), await test.ended(b)];
  strictEqual(dead.state, "dead");
  strictEqual(dead.attempts.length, 1);
  strictEqual(dead.attempts[0]?.failure, "crash");
  strictEqual(done.state, "succeeded");
  strictEqual(done.attempt, 2);
  const callsOf = (id: string) =>
    test.calls.filter(({ functionId }) => functionId === id).length;
  deepStrictEqual([callsOf(once), callsOf(twice)], [1, 2]);
  await eventually("a dead letter", () => test.stores.dead.find(a));
});
