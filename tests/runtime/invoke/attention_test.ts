import { deepStrictEqual, strictEqual } from "node:assert";
import { Attention } from "../../../runtime/invoke/attention.ts";

function wait(attention: Attention): string {
  using run = attention.run();
  return run.wait;
}

Deno.test("Attention spins for a call that is alone", () => {
  const attention = new Attention();
  using _call = attention.begin();
  strictEqual(wait(attention), "spinning");
  strictEqual(wait(attention), "spinning");
});

Deno.test("Attention sleeps where calls wait for one that runs, but not for ever", () => {
  const attention = new Attention();
  using _one = attention.begin();
  using _other = attention.begin();
  const waits = Array.from({ length: 16 }, () => wait(attention));
  const row = [...Array.from({ length: 7 }, () => "asleep"), "async"];
  deepStrictEqual(waits, [...row, ...row]);
});

Deno.test("Attention is for all where functions run side by side", () => {
  const attention = new Attention();
  using _one = attention.begin();
  using _other = attention.begin();
  using first = attention.run();
  strictEqual(first.wait, "asleep");
  strictEqual(wait(attention), "async");
  strictEqual(wait(attention), "async");
});

Deno.test("Attention knows when a call has ended", () => {
  const attention = new Attention();
  {
    using _one = attention.begin();
    using _other = attention.begin();
    strictEqual(wait(attention), "asleep");
  }
  using _call = attention.begin();
  strictEqual(wait(attention), "spinning");
});
