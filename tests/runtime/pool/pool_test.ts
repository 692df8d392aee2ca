import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { Pool } from "../../../runtime/pool/pool.ts";
import type { Policy, PoolOptions } from "../../../runtime/pool/worker.ts";
import { FakeWorker } from "./fake_worker.ts";

function setUp(
  options: Partial<PoolOptions> = {},
  usual: Partial<Policy<FakeWorker>> = {},
) {
  const pool = new Pool<FakeWorker>({
    limit: 2,
    budget: 1_000,
    maxWaiting: 2,
    maxStarts: 2,
    growMs: 5,
    freezeMs: 0,
    ...options,
  });
  const started: FakeWorker[] = [];
  function policy(key: string): Policy<FakeWorker> {
    return {
      start() {
        const worker = new FakeWorker(key);
        started.push(worker);
        return Promise.resolve(worker);
      },
      weight: 1,
      maxWorkers: 100,
      minWarm: 0,
      isReused: true,
      idleMs: 60_000,
      ...usual,
    };
  }
  const soon = () => Date.now() + 60_000;
  return {
    pool,
    started,
    policy,
    lease: (
      key: string,
      deadline = soon(),
      change: Partial<Policy<FakeWorker>> = {},
    ) => pool.lease(key, { ...policy(key), ...change }, deadline),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

Deno.test("Pool.lease() gives a worker again that was given back", async () => {
  await using t = setUp();
  const first = await t.lease("a");
  strictEqual(first.start, "cold");
  first[Symbol.dispose]();
  const second = await t.lease("a");
  strictEqual(second.worker, first.worker);
  strictEqual(second.start, "warm");
});

Deno.test("Pool.lease() never gives one key's worker to another", async () => {
  await using t = setUp();
  const a = await t.lease("a");
  a[Symbol.dispose]();
  const b = await t.lease("b");
  strictEqual(b.start, "cold");
  strictEqual(b.worker === a.worker, false);
});

Deno.test("Pool.lease() waits for a worker of its key", async () => {
  await using t = setUp({ limit: 1 });
  const first = await t.lease("a");
  const waiting = t.lease("a");
  first[Symbol.dispose]();
  strictEqual((await waiting).worker, first.worker);
});

Deno.test("Pool.lease() evicts the oldest idle worker of another key", async () => {
  await using t = setUp();
  const [a, b] = [await t.lease("a"), await t.lease("b")];
  a[Symbol.dispose]();
  b[Symbol.dispose]();
  await t.lease("c");
  strictEqual(a.worker.isIdle, false);
  strictEqual(b.worker.isIdle, true);
});

Deno.test("Pool.lease() takes the slot of another key's worker that comes back", async () => {
  await using t = setUp({ limit: 1 });
  const a = await t.lease("a");
  const waiting = t.lease("b");
  a[Symbol.dispose]();
  const b = await waiting;
  strictEqual(b.start, "cold");
  strictEqual(a.worker.isIdle, false);
});

Deno.test("Pool.lease() refuses past the queue's bound", async () => {
  await using t = setUp({ limit: 1, maxWaiting: 1 });
  const held = await t.lease("a");
  const waiting = t.lease("a");
  await rejects(t.lease("a"), { code: "busy", retryAfter: 1 });
  held[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
});

Deno.test("Pool.lease() refuses at the deadline", async () => {
  await using t = setUp({ limit: 1 });
  await t.lease("a");
  await rejects(t.lease("a", Date.now() - 1), { code: "busy" });
  deepStrictEqual(t.pool.size, { workers: 1, idle: 0, waiting: 0 });
});

Deno.test("Pool.lease() never gives a worker that did not come back idle", async () => {
  await using t = setUp();
  const first = await t.lease("a");
  first.worker.isIdle = false;
  first[Symbol.dispose]();
  strictEqual((await t.lease("a")).start, "cold");
});

Deno.test("Pool forgets a worker that dies while idle", async () => {
  await using t = setUp();
  const first = await t.lease("a");
  first[Symbol.dispose]();
  await first.worker.close();
  deepStrictEqual(t.pool.size, { workers: 0, idle: 0, waiting: 0 });
  strictEqual((await t.lease("a")).start, "cold");
});

Deno.test("Pool gives a slot back when a start fails", async () => {
  await using t = setUp({ limit: 1 });
  await rejects(
    t.lease("a", Infinity, { start: () => Promise.reject(new Error("no")) }),
    /no/,
  );
  strictEqual((await t.lease("a")).start, "cold");
});

Deno.test("Pool.retire() closes idle workers now and leased ones later", async () => {
  await using t = setUp();
  const [idle, leased] = [await t.lease("a"), await t.lease("a")];
  idle[Symbol.dispose]();
  t.pool.retire("a");
  strictEqual(idle.worker.isIdle, false);
  strictEqual(leased.worker.isIdle, true);
  leased[Symbol.dispose]();
  strictEqual(leased.worker.isIdle, false);
});

Deno.test("Pool with no idle time closes every worker that comes back", async () => {
  await using t = setUp({}, { idleMs: 0 });
  const first = await t.lease("a");
  first[Symbol.dispose]();
  strictEqual(first.worker.isIdle, false);
});

Deno.test("Pool closes all workers and refuses who waits when it ends", async () => {
  const t = setUp({ limit: 1 });
  const held = await t.lease("a");
  const waiting = rejects(t.lease("a"), { code: "unavailable" });
  await t[Symbol.asyncDispose]();
  await waiting;
  strictEqual(held.worker.isIdle, false);
  await rejects(t.lease("a"), { code: "unavailable" });
});

Deno.test("Pool lease given back twice counts once", async () => {
  await using t = setUp();
  const first = await t.lease("a");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  deepStrictEqual(t.pool.size, { workers: 1, idle: 1, waiting: 0 });
});

Deno.test("Pool.adopt() keeps a worker for who calls next, and leaves one alone without room", async () => {
  await using t = setUp({ limit: 1 });
  const [kept, left] = [new FakeWorker("a"), new FakeWorker("a")];
  strictEqual(t.pool.adopt("a", t.policy("a"), kept), true);
  strictEqual(t.pool.adopt("a", t.policy("a"), left), false);
  strictEqual(left.isIdle, true);
  using lease = await t.lease("a");
  strictEqual(lease.worker, kept);
  strictEqual(t.started.length, 0);
});

Deno.test("Pool.lease() says how many others wait for the same worker", async () => {
  await using t = setUp({ limit: 1, growMs: 60_000 });
  const first = await t.lease("a");
  strictEqual(first.queued, 0);
  const others = [t.lease("a"), t.lease("a")];
  first[Symbol.dispose]();
  const second = await others[0];
  strictEqual(second?.queued, 1);
  second?.[Symbol.dispose]();
  const third = await others[1];
  strictEqual(third?.queued, 0);
  third?.[Symbol.dispose]();
});
