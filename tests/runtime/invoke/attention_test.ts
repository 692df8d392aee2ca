import { deepStrictEqual, strictEqual } from "node:assert";
import { Attention } from "../../../runtime/invoke/attention.ts";

function wait(attention: Attention, queued: number): string {
  using run = attention.run(queued);
  return run.wait;
}

Deno.test("Attention spins for a call that is alone", () => {
  const attention = new Attention();
  using _call = attention.begin();
  strictEqual(wait(attention, 0), "spinning");
  strictEqual(wait(attention, 0), "spinning");
});

Deno.test("Attention sleeps where all others wait for the one that runs, but not for ever", () => {
  const attention = new Attention();
  using _one = attention.begin();
  using _other = attention.begin();
  const waits = Array.from({ length: 16 }, () => wait(attention, 1));
  const row = [...Array.from({ length: 7 }, () => "asleep"), "async"];
  deepStrictEqual(waits, [...row, ...row]);
});

Deno.test("Attention is for a call that waits for something else", () => {
  const attention = new Attention();
  using _one = attention.begin();
  using _queued = attention.begin();
  using _starting = attention.begin();
  strictEqual(wait(attention, 1), "async");
  strictEqual(wait(attention, 2), "asleep");
});

Deno.test("Attention is for all where functions run side by side", () => {
  const attention = new Attention();
  using _one = attention.begin();
  using _other = attention.begin();
  using first = attention.run(1);
  strictEqual(first.wait, "asleep");
  strictEqual(wait(attention, 1), "async");
  strictEqual(wait(attention, 1), "async");
});

Deno.test("Attention knows when a call has ended", () => {
  const attention = new Attention();
  {
    using _one = attention.begin();
    using _other = attention.begin();
    strictEqual(wait(attention, 1), "asleep");
  }
  using _call = attention.begin();
  strictEqual(wait(attention, 0), "spinning");
});
