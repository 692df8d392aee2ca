import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { type Link, LinkedList } from "../src/linked_list.ts";

Deno.test("LinkedList holds what a Set would, in the same order", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.constant("add" as const), fc.nat(20))),
    (steps) => {
      const list = new LinkedList<number>();
      const links: Link<number>[] = [];
      const model = new Set<number>();
      for (const step of steps) {
        if (step === "add") {
          model.add(links.length);
          links.push(list.add(links.length));
          continue;
        }
        const link = links[step];
        if (!link) continue;
        strictEqual(list.take(link), model.delete(step) ? step : undefined);
        strictEqual(link.item, undefined);
      }
      deepStrictEqual(Array.from(list), Array.from(model));
      strictEqual(list.size, model.size);
    },
  ));
});

Deno.test("LinkedList.links() goes on when the one that it gave is taken out", () => {
  const list = new LinkedList<number>();
  for (const item of [1, 2, 3, 4]) list.add(item);
  const seen: unknown[] = [];
  for (const link of list.links()) {
    seen.push(link.item);
    if (link.item !== 3) list.take(link);
  }
  deepStrictEqual(seen, [1, 2, 3, 4]);
  deepStrictEqual(Array.from(list), [3]);
});
