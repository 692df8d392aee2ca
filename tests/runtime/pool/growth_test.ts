/** When a pool starts, keeps, freezes and closes workers. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { Demand } from "../../../runtime/pool/demand.ts";
import { Pool } from "../../../runtime/pool/pool.ts";
import type {
  Lease,
  Policy,
  PoolOptions,
} from "../../../runtime/pool/worker.ts";
import { FakeWorker } from "./fake_worker.ts";

/** Starts end when the test says so. */
class Starts {
  readonly pending: (() => void)[] = [];
  readonly started: FakeWorker[] = [];

  policy(change: Partial<Policy<FakeWorker>> = {}): Policy<FakeWorker> {
    return {
      start: () => {
        const { promise, resolve } = Promise.withResolvers<FakeWorker>();
        const worker = new FakeWorker("");
        this.started.push(worker);
        this.pending.push(() => resolve(worker));
        return promise;
      },
      weight: 1,
      maxWorkers: 100,
      minWarm: 0,
      isReused: true,
      idleMs: 60_000,
      ...change,
    };
  }

  /** Ends every start, and those that follow from it. */
  async finish(): Promise<void> {
    while (this.pending.length > 0) {
      this.pending.shift()?.();
      await settled();
    }
  }
}

/** What hangs on resolved promises has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function poolOf(change: Partial<PoolOptions> = {}): Pool<FakeWorker> {
  return new Pool<FakeWorker>({
    limit: 4,
    budget: 1_000,
    maxWaiting: 10,
    maxStarts: 4,
    growMs: 5,
    freezeMs: 0,
    ...change,
  });
}

const SOON = Date.now() + 3_600_000;

function leaseEach(
  pool: Pool<FakeWorker>,
  starts: Starts,
  keys: string[],
): Promise<Lease<FakeWorker>>[] {
  return keys.map((key) => pool.lease(key, starts.policy(), SOON));
}

Deno.test("Pool starts no more at once than it may", async () => {
  await using pool = poolOf({ maxStarts: 2 });
  const starts = new Starts();
  const leases = [1, 2, 3].map(() => pool.lease("a", starts.policy(), SOON));
  await settled();
  strictEqual(starts.pending.length, 2);
  await starts.finish();
  await Promise.all(leases);
  strictEqual(starts.started.length, 3);
});

Deno.test("Pool tells a caller what of its wait was a start", async () => {
  await using pool = poolOf({ maxStarts: 1 });
  const starts = new Starts();
  const begun = performance.now();
  const leases = leaseEach(pool, starts, ["a", "b"]);
  await settled();
  const between = performance.now();
  await starts.finish();
  const [first, second] = await Promise.all(leases);
  const ended = performance.now();
  ok(first && second);
  ok(first.startMs > 0 && second.startMs > 0);
  // The second was queued for as long as the first one started.
  ok(second.startMs <= ended - between);
  ok(first.startMs + second.startMs <= ended - begun);
  first[Symbol.dispose]();
  using again = await pool.lease("a", starts.policy(), SOON);
  deepStrictEqual([again.start, again.startMs], ["warm", 0]);
});

Deno.test("Pool gives a caller whatever comes first, and keeps what comes later", async () => {
  await using pool = poolOf();
  const starts = new Starts();
  const first = pool.lease("a", starts.policy(), SOON);
  await starts.finish();
  const held = await first;
  const second = pool.lease("a", starts.policy(), SOON);
  await settled();
  strictEqual(starts.pending.length, 1);
  held[Symbol.dispose]();
  strictEqual((await second).worker, held.worker);
  strictEqual((await second).start, "warm");
  await starts.finish();
  deepStrictEqual(pool.size, { workers: 2, idle: 1, waiting: 0 });
});

Deno.test("Pool does not start another where the wait is short", async () => {
  await using pool = poolOf({ growMs: 60_000 });
  const starts = new Starts();
  const first = pool.lease("a", starts.policy(), SOON);
  await starts.finish();
  (await first)[Symbol.dispose]();
  const held = await pool.lease("a", starts.policy(), SOON);
  const second = pool.lease("a", starts.policy(), SOON);
  await settled();
  strictEqual(starts.pending.length, 0);
  held[Symbol.dispose]();
  await second;
});

Deno.test("Pool starts no more workers of a key than its policy has", async () => {
  await using pool = poolOf();
  const starts = new Starts();
  const policy = starts.policy({ maxWorkers: 1 });
  const first = pool.lease("a", policy, SOON);
  const second = pool.lease("a", policy, SOON);
  await starts.finish();
  strictEqual(starts.started.length, 1);
  (await first)[Symbol.dispose]();
  strictEqual((await second).worker, starts.started[0]);
});

Deno.test("Pool lends no more at once than the policy has, whatever is idle", async () => {
  await using pool = poolOf();
  const starts = new Starts();
  pool.configure("a", starts.policy({ minWarm: 2 }));
  await starts.finish();
  const policy = starts.policy({ maxWorkers: 1 });
  const first = await pool.lease("a", policy, SOON);
  const second = pool.lease("a", policy, SOON);
  await settled();
  deepStrictEqual(pool.size, { workers: 2, idle: 1, waiting: 1 });
  // It comes back unusable: the other one serves.
  first.worker.isIdle = false;
  first[Symbol.dispose]();
  strictEqual((await second).worker, starts.started.find((w) => w.isIdle));
});

Deno.test("Pool makes room within its budget", async () => {
  await using pool = poolOf({ budget: 100 });
  const starts = new Starts();
  const small = pool.lease("small", starts.policy({ weight: 60 }), SOON);
  await starts.finish();
  (await small)[Symbol.dispose]();
  const large = pool.lease("large", starts.policy({ weight: 90 }), SOON);
  await settled();
  await starts.finish();
  strictEqual((await small).worker.isIdle, false);
  strictEqual((await large).worker.isIdle, true);
  deepStrictEqual(pool.size, { workers: 1, idle: 0, waiting: 0 });
});

/** A full pool of two idle workers, whose ends wait. */
async function fullOfIdle(change: Partial<PoolOptions>) {
  const pool = poolOf({ limit: 2, ...change });
  const starts = new Starts();
  const ending = Promise.withResolvers<void>();
  const leases = leaseEach(pool, starts, ["a", "b"]);
  await settled();
  await starts.finish();
  const idle = await Promise.all(leases);
  for (const lease of idle) {
    lease.worker.ending = ending.promise;
    lease[Symbol.dispose]();
  }
  return {
    pool,
    starts,
    idle: idle.map(({ worker }) => worker),
    end: ending.resolve,
  };
}

Deno.test("Pool makes room for several callers at once", async () => {
  const { pool, starts, idle, end } = await fullOfIdle({});
  await using _pool = pool;
  const leases = leaseEach(pool, starts, ["c", "d"]);
  await settled();
  deepStrictEqual(idle.map(({ isIdle }) => isIdle), [false, false]);
  end();
  await settled();
  await starts.finish();
  strictEqual((await Promise.all(leases)).length, 2);
  deepStrictEqual(pool.size, { workers: 2, idle: 0, waiting: 0 });
});

Deno.test("Pool makes room for no more at once than it may start", async () => {
  const { pool, starts, idle, end } = await fullOfIdle({ maxStarts: 1 });
  await using _pool = pool;
  const leases = leaseEach(pool, starts, ["c", "d"]);
  await settled();
  deepStrictEqual(idle.map(({ isIdle }) => isIdle), [false, true]);
  end();
  await settled();
  await starts.finish();
  strictEqual((await Promise.all(leases)).length, 2);
});

Deno.test("Pool refuses nobody whom room can be made for", async () => {
  const { pool, starts, end } = await fullOfIdle({ maxWaiting: 0 });
  await using _pool = pool;
  const leases = [1, 2, 3].map(() => pool.lease("c", starts.policy(), SOON));
  const outcomes = Promise.allSettled(leases);
  await settled();
  end();
  await settled();
  await starts.finish();
  deepStrictEqual(
    (await outcomes).map(({ status }) => status).toSorted(),
    ["fulfilled", "fulfilled", "rejected"],
  );
});

Deno.test("Pool evicts what a policy wants kept only when nothing else is idle", async () => {
  await using pool = poolOf({ limit: 2 });
  const starts = new Starts();
  pool.configure("kept", starts.policy({ minWarm: 1 }));
  await starts.finish();
  const other = pool.lease("other", starts.policy(), SOON);
  await starts.finish();
  (await other)[Symbol.dispose]();
  const [kept] = starts.started;
  const third = pool.lease("third", starts.policy(), SOON);
  await settled();
  await starts.finish();
  await third;
  deepStrictEqual([kept?.isIdle, (await other).worker.isIdle], [true, false]);
});

Deno.test("Pool.configure() keeps as many as wanted, and replaces one that dies", async () => {
  await using pool = poolOf();
  const starts = new Starts();
  pool.configure("a", starts.policy({ minWarm: 2 }));
  await starts.finish();
  deepStrictEqual(pool.size, { workers: 2, idle: 2, waiting: 0 });
  await starts.started[0]?.close();
  await settled();
  await starts.finish();
  deepStrictEqual(pool.size, { workers: 2, idle: 2, waiting: 0 });
});

Deno.test("Pool lends a single-use worker once, and has the next one ready", async () => {
  await using pool = poolOf();
  const starts = new Starts();
  const policy = starts.policy({ isReused: false });
  const first = pool.lease("a", policy, SOON);
  await starts.finish();
  const lent = await first;
  lent[Symbol.dispose]();
  strictEqual(lent.worker.isIdle, false);
  await settled();
  await starts.finish();
  const second = await pool.lease("a", policy, SOON);
  strictEqual(second.start, "warm");
  strictEqual(second.worker === lent.worker, false);
  await starts.finish();
});

Deno.test("Pool freezes what is idle, and thaws it for a caller", async () => {
  await using pool = poolOf({ freezeMs: 1 });
  const starts = new Starts();
  const first = pool.lease("a", starts.policy(), SOON);
  await starts.finish();
  const lent = await first;
  const frozen = lent.worker.frozen;
  lent[Symbol.dispose]();
  await frozen;
  strictEqual(lent.worker.isFrozen, true);
  const again = await pool.lease("a", starts.policy(), SOON);
  strictEqual(again.worker, lent.worker);
  strictEqual(again.worker.isFrozen, false);
});

Deno.test("Pool closes an idle worker at its time, and keeps minWarm", async () => {
  await using pool = poolOf();
  const starts = new Starts();
  const policy = starts.policy({ idleMs: 1 });
  const first = pool.lease("a", policy, SOON);
  await starts.finish();
  (await first)[Symbol.dispose]();
  await (await first).worker.closed;
  strictEqual(pool.size.workers, 0);
});

Deno.test("Pool starts for the other callers when a start fails", async () => {
  await using pool = poolOf({ limit: 1 });
  const starts = new Starts();
  const failing = pool.lease("a", {
    ...starts.policy(),
    start: () => Promise.reject(new Error("no")),
  }, SOON);
  const other = pool.lease("b", starts.policy(), SOON);
  await rejects(failing, /no/);
  await starts.finish();
  await other;
});

Deno.test("Pool lets a caller without any worker have the room of a busy key", async () => {
  await using pool = poolOf({ limit: 1 });
  const starts = new Starts();
  const first = pool.lease("a", starts.policy(), SOON);
  await starts.finish();
  const held = await first;
  const other = pool.lease("b", starts.policy(), SOON);
  const more = pool.lease("a", starts.policy(), SOON);
  await settled();
  held[Symbol.dispose]();
  await settled();
  await starts.finish();
  const b = await other;
  strictEqual(held.worker.isIdle, false);
  b[Symbol.dispose]();
  await settled();
  await starts.finish();
  await more;
});

Deno.test("Demand takes runs that grow longer with more workers for no reason to have more", () => {
  const demand = new Demand();
  demand.ran(100);
  for (let run = 0; run < 10; run++) demand.ran(2);
  strictEqual(demand.predictedWaitMs(1, 1) < 3, true);
  demand.ran(40);
  strictEqual(demand.predictedWaitMs(1, 1) < 4, true);
  for (let run = 0; run < 200; run++) demand.ran(40);
  strictEqual(demand.predictedWaitMs(1, 1) > 38, true);
});

Deno.test("Pool starts another for who waits while nobody is served, one at a time", async () => {
  await using pool = poolOf({ growMs: 1 });
  const starts = new Starts();
  const leased = [pool.lease("a", starts.policy(), SOON)];
  await starts.finish();
  // Its run time is known, and short: no start pays by prediction.
  (await leased[0])?.[Symbol.dispose]();
  const held = await pool.lease("a", starts.policy(), SOON);
  const waiting = [1, 2].map(() => pool.lease("a", starts.policy(), SOON));
  while (starts.started.length < 2) await settled();
  await starts.finish();
  const second = await waiting[0];
  strictEqual(starts.started.length >= 2, true);
  for (const lease of [held, second]) lease?.[Symbol.dispose]();
  (await waiting[1])?.[Symbol.dispose]();
});
