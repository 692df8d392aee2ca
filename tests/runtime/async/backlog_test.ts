import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { Backlog } from "../../../runtime/async/backlog.ts";
import { DueHeap } from "../../../runtime/async/due_heap.ts";
import type { QueueEntry } from "../../../src/contracts/async_queue.ts";

const ALWAYS = () => true;

function entry(seq: number, change: Partial<QueueEntry> = {}): QueueEntry {
  return {
    seq,
    functionId: "f",
    invocationId: `i${seq}`,
    acceptedAt: 0,
    notBefore: 0,
    priority: 5,
    key: undefined,
    debounceMs: 0,
    ...change,
  };
}

function drain(backlog: Backlog, now: number): number[] {
  const taken: number[] = [];
  for (let item = backlog.next(now, ALWAYS); item;) {
    taken.push(item.entry.seq);
    item = backlog.next(now, ALWAYS);
  }
  return taken;
}

Deno.test("DueHeap gives everything back in the order of time", () => {
  fc.assert(fc.property(fc.array(fc.integer()), (times) => {
    const heap = new DueHeap<number>();
    for (const at of times) heap.push(at, at);
    const popped = times.map(() => heap.pop()?.value);
    deepStrictEqual(popped, times.toSorted((a, b) => a - b));
    strictEqual(heap.pop(), undefined);
  }));
});

Deno.test("every entry is taken once, whatever the order of what happens", () => {
  const step = fc.record({
    functionId: fc.constantFrom("a", "b", "c"),
    notBefore: fc.integer({ min: 0, max: 50 }),
    priority: fc.integer({ min: 0, max: 9 }),
    key: fc.option(fc.constantFrom("k", "l"), { nil: undefined }),
    fate: fc.constantFrom("over", "wait", "park", "pause"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const backlog = new Backlog();
    const fates = new Map(steps.map(({ fate }, seq) => [seq, fate]));
    for (const [seq, { fate: _, ...change }] of steps.entries()) {
      backlog.add(entry(seq, change), 0);
      backlog.add(entry(seq, change), 0);
    }
    const over: number[] = [];
    let now = 0;
    for (let turn = 0; over.length < steps.length; turn++) {
      ok(turn < 10_000, "something never came");
      const item = backlog.next(now, ALWAYS);
      if (!item) {
        const due = backlog.nextDue();
        ok(due < Infinity, "what waits is due at some time");
        now = Math.max(now + 1, due);
        continue;
      }
      const { seq, functionId, key } = item.entry;
      const fate = fates.get(seq);
      fates.set(seq, "over");
      if (fate === "park" && key !== undefined) {
        backlog.park(item, now + 7);
        continue;
      }
      if (fate === "pause") backlog.pause(functionId, now + 5);
      if (fate !== "over") backlog.wait(item, now + 3, now);
      else {
        backlog.remove(item);
        over.push(seq);
      }
      if (key !== undefined) backlog.unpark(functionId, key, now);
    }
    deepStrictEqual(over.toSorted((a, b) => a - b), steps.map((_, seq) => seq));
    strictEqual(backlog.size, 0);
  }));
});

Deno.test("functions take turns; priority 9 starts ten times as often as 0", () => {
  const backlog = new Backlog();
  for (let seq = 0; seq < 2_000; seq++) {
    const isHigh = seq % 2 === 0;
    backlog.add(
      entry(seq, {
        functionId: isHigh ? "high" : "low",
        priority: isHigh ? 9 : 0,
      }),
      0,
    );
  }
  let high = 0;
  for (let turn = 0; turn < 550; turn++) {
    if (backlog.next(0, ALWAYS)?.entry.functionId === "high") high++;
  }
  strictEqual(high, 500);
});

Deno.test("who comes late does not wait for a queue that was there before", () => {
  const backlog = new Backlog();
  for (let seq = 0; seq < 1_000; seq++) backlog.add(entry(seq), 0);
  for (let turn = 0; turn < 500; turn++) backlog.next(0, ALWAYS);
  backlog.add(entry(5_000, { functionId: "late" }), 0);
  const next = [backlog.next(0, ALWAYS), backlog.next(0, ALWAYS)];
  ok(next.some((item) => item?.entry.functionId === "late"));
});

Deno.test("a function that may not start more is passed over", () => {
  const backlog = new Backlog();
  backlog.add(entry(1), 0);
  backlog.add(entry(2, { functionId: "g" }), 0);
  strictEqual(backlog.next(0, (id) => id === "g")?.entry.seq, 2);
  strictEqual(backlog.next(0, (id) => id === "g"), undefined);
  strictEqual(backlog.next(0, ALWAYS)?.entry.seq, 1);
});

Deno.test("of a debounced key the newest waits its time, and the others are over at once", () => {
  const backlog = new Backlog();
  const debounced = { debounceMs: 100, key: "k" };
  backlog.add(entry(1, { ...debounced, acceptedAt: 0 }), 0);
  backlog.add(entry(2, { ...debounced, acceptedAt: 50 }), 50);
  const first = backlog.next(60, ALWAYS);
  strictEqual(first?.entry.seq, 1);
  strictEqual(first.supersededBy, "i2");
  strictEqual(backlog.next(149, ALWAYS), undefined);
  const second = backlog.next(150, ALWAYS);
  strictEqual(second?.entry.seq, 2);
  strictEqual(second.supersededBy, undefined);
});

Deno.test("of a parked key one tries when a place is free, and the others after it", () => {
  const backlog = new Backlog();
  for (let seq = 1; seq <= 3; seq++) backlog.add(entry(seq, { key: "k" }), 0);
  const first = backlog.next(0, ALWAYS);
  ok(first);
  backlog.park(first, 1_000);
  deepStrictEqual(drain(backlog, 0), []);
  strictEqual(backlog.nextDue(), 1_000);
  backlog.unpark("f", "k", 10);
  deepStrictEqual(drain(backlog, 10), [1]);
  backlog.unpark("f", "k", 20);
  deepStrictEqual(drain(backlog, 20), [2]);
  backlog.unpark("f", "k", 30);
  deepStrictEqual(drain(backlog, 30), [3]);
});
