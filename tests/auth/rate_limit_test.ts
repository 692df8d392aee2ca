/** Token buckets on a clock of the test. */
import { ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { RateLimit } from "../../src/auth/rate_limit.ts";

Deno.test("a burst is admitted at once, then as many as the rate gives", () => {
  const limit = new RateLimit({ perSecond: 10, burst: 3 });
  for (let call = 0; call < 3; call++) strictEqual(limit.take("a", 0), 0);
  strictEqual(limit.take("a", 0), 0.1);
  strictEqual(limit.take("b", 0), 0);
  ok(limit.take("a", 99) > 0);
  strictEqual(limit.take("a", 100), 0);
  ok(limit.take("a", 100) > 0);
  // A long quiet time gives a burst and no more.
  for (let call = 0; call < 3; call++) strictEqual(limit.take("a", 1e9), 0);
  ok(limit.take("a", 1e9) > 0);
});

Deno.test("never more than burst and rate together are admitted, and who waits as told gets in", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 50 }),
    fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }),
    (burst, perSecond, gaps) => {
      const limit = new RateLimit({ perSecond, burst });
      let now = 0;
      let admitted = 0;
      for (const gap of gaps) {
        now += gap;
        const wait = limit.take("a", now);
        if (wait === 0) admitted++;
        else {
          now += wait * 1_000 + 0.001;
          strictEqual(limit.take("a", now), 0);
          admitted++;
        }
        ok(admitted <= burst + now / 1_000 * perSecond + 0.001);
      }
    },
  ));
});

Deno.test("no more are tracked than fit; the one that has been quiet longest is forgotten", () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1 }, 3);
  for (const who of ["a", "b", "c", "a", "d"]) limit.take(who, 0);
  strictEqual(limit.tracked, 3);
  ok(limit.take("a", 0) > 0);
  strictEqual(limit.take("b", 0), 0);
});
