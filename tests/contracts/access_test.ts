/** Settings of access, as the operator writes them. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { Origins, Rate, Subnets } from "../../src/contracts/access.ts";

Deno.test("a rate has a unit and may have a burst", () => {
  deepStrictEqual(Rate.parse("100/s"), { perSecond: 100, burst: 100 });
  deepStrictEqual(Rate.parse("600/m burst 50"), { perSecond: 10, burst: 50 });
  deepStrictEqual(Rate.parse("1/h"), { perSecond: 1 / 3600, burst: 1 });
  for (
    const wrong of ["", "100", "0/s", "1/d", "5/s burst 0", "-1/s", "1e3/s"]
  ) {
    match(Rate.safeParse(wrong).error?.issues[0]?.message ?? "", /no rate/);
  }
});

Deno.test("proxies are addresses and blocks", () => {
  deepStrictEqual(Subnets.parse("127.0.0.1, fd00::/8"), [
    { address: "127.0.0.1", family: "ipv4", prefix: 32 },
    { address: "fd00::", family: "ipv6", prefix: 8 },
  ]);
  for (
    const wrong of ["", "host", "1.2.3.4/33", "::1/129", "1.2.3.4/", "1.2.3"]
  ) {
    const message = Subnets.safeParse(wrong).error?.issues[0]?.message ?? "";
    match(message, /is no address/, wrong);
  }
});

Deno.test("origins have a scheme and no path", () => {
  deepStrictEqual(
    Origins.parse("https://a.example, http://localhost:3000"),
    ["https://a.example", "http://localhost:3000"],
  );
  deepStrictEqual(Origins.parse("*"), ["*"]);
  for (
    const wrong of [
      "",
      "a.example",
      "https://a.example/",
      "https://a.example/x",
      "null",
    ]
  ) {
    strictEqual(Origins.safeParse(wrong).success, false, wrong);
  }
});
