/** Who is refused when more is asked for than can be served. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { noisiest, surplus } from "../../../runtime/pool/admission.ts";
import { Group } from "../../../runtime/pool/group.ts";
import { Pool } from "../../../runtime/pool/pool.ts";
import type { Policy } from "../../../runtime/pool/worker.ts";
import { FakeWorker } from "./fake_worker.ts";

const POLICY: Policy<FakeWorker> = {
  start: () => new Promise(() => {}),
  weight: 1,
  maxWorkers: 100,
  minWarm: 0,
  isReused: true,
  idleMs: 60_000,
};

/** Of two workers that take 100 ms a call. */
function busyGroup(waiting: number): Group<FakeWorker> {
  const group = new Group<FakeWorker>(POLICY, {
    expired: () => {},
    freezeMs: 0,
  });
  group.leased = 2;
  group.demand.ran(100);
  group.queuedSince = 1_000;
  for (let at = 0; at < waiting; at++) {
    group.waiting.push({ since: at, give: () => {}, refuse: () => {} });
  }
  return group;
}

Deno.test("surplus() lets a burst wait, however long it is", () => {
  deepStrictEqual(surplus(busyGroup(1_000), 1_299), []);
});

Deno.test("surplus() cuts a standing queue to what three runs serve, newest first", () => {
  const late = surplus(busyGroup(10), 1_300);
  deepStrictEqual(late.map(({ since }) => since), [6, 7, 8, 9]);
});

Deno.test("surplus() refuses nobody while no worker has run yet", () => {
  const group = busyGroup(10);
  group.leased = 0;
  group.starting = 2;
  deepStrictEqual(surplus(group, 9_000), []);
});

Deno.test("Pool lets callers wait, however long the queue stands, while a worker starts", async () => {
  await using pool = new Pool<FakeWorker>({
    limit: 2,
    budget: 1_000,
    maxWaiting: 100,
    maxStarts: 1,
    growMs: 60_000,
    freezeMs: 0,
  });
  const soon = Date.now() + 60_000;
  const first = new FakeWorker("a");
  const second = Promise.withResolvers<FakeWorker>();
  let starts = 0;
  const policy: Policy<FakeWorker> = {
    ...POLICY,
    start: () => starts++ === 0 ? Promise.resolve(first) : second.promise,
    minWarm: 2,
  };
  const held = await pool.lease("a", policy, soon);
  const waiting = Array.from(
    { length: 20 },
    () => pool.lease("a", policy, soon),
  );
  held[Symbol.dispose]();
  for (const lease of waiting) (await lease)[Symbol.dispose]();
  strictEqual(pool.size.waiting, 0);
  second.resolve(new FakeWorker("a"));
});

Deno.test("noisiest() is the newest caller of the longest queue", () => {
  const found = noisiest([busyGroup(2), busyGroup(5), busyGroup(3)]);
  strictEqual(found?.since, 4);
});

Deno.test("a full queue refuses the noisy key's callers, not another key's", async () => {
  await using pool = new Pool<FakeWorker>({
    limit: 2,
    budget: 1_000,
    maxWaiting: 3,
    maxStarts: 2,
    growMs: 60_000,
    freezeMs: 0,
  });
  const soon = Date.now() + 60_000;
  const workers = [new FakeWorker("noisy"), new FakeWorker("quiet")];
  const policy = (worker: FakeWorker): Policy<FakeWorker> => ({
    ...POLICY,
    start: () => Promise.resolve(worker),
    maxWorkers: 1,
  });
  const [noisy, quiet] = workers.map(policy);
  const held = await pool.lease("noisy", noisy as typeof POLICY, soon);
  const other = await pool.lease("quiet", quiet as typeof POLICY, soon);
  const outcomes: string[] = [];
  const noise = [1, 2, 3, 4, 5].map((number) =>
    pool.lease("noisy", noisy as typeof POLICY, soon).then(
      (lease) => lease[Symbol.dispose](),
      ({ code }) => outcomes.push(`noisy ${number} ${code}`),
    )
  );
  const served = pool.lease("quiet", quiet as typeof POLICY, soon);
  other[Symbol.dispose]();
  (await served)[Symbol.dispose]();
  held[Symbol.dispose]();
  await Promise.all(noise);
  deepStrictEqual(outcomes, ["noisy 4 busy", "noisy 5 busy", "noisy 3 busy"]);
});
