import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { Places } from "../../src/nats/places.ts";

Deno.test("Places gives each item back once, for its own token", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.constant("add" as const), fc.nat(20))),
    (steps) => {
      const places = new Places<number>();
      const tokens: string[] = [];
      const model = new Set<number>();
      for (const step of steps) {
        if (step === "add") {
          model.add(tokens.length);
          tokens.push(places.add(tokens.length));
          continue;
        }
        const token = tokens[step];
        if (token === undefined) continue;
        strictEqual(places.has(token), model.has(step));
        strictEqual(places.take(token), model.delete(step) ? step : undefined);
      }
      strictEqual(places.size, model.size);
      strictEqual(new Set(tokens).size, tokens.length);
      deepStrictEqual(new Set(places.takeAll()), model);
      strictEqual(places.size, 0);
    },
  ));
});

for (
  const token of ["", "0", "0-", "-1", "1-1", "x", "0-1x", "9".repeat(400)]
) {
  Deno.test(`Places knows nothing of the token "${token.slice(0, 9)}"`, () => {
    const places = new Places<string>();
    const own = places.add("it");
    strictEqual(places.take(token), undefined);
    strictEqual(places.take(own), "it");
  });
}

Deno.test("Places does not take a token of before for what has its place now", () => {
  const places = new Places<string>();
  const first = places.add("first");
  places.takeAll();
  const second = places.add("second");
  strictEqual(places.take(first), undefined);
  strictEqual(places.take(second), "second");
});
