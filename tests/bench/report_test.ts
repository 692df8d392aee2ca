import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { asJson, asPage, asTable } from "../../src/bench/report.ts";
import { atMost } from "../../src/bench/row.ts";
import { histogram, summarize } from "../../src/bench/stats.ts";

Deno.test("summarize() gives the percentiles of samples in any order", () => {
  const samples = Array.from({ length: 100 }, (_, at) => 100 - at);
  deepStrictEqual(summarize(samples), {
    count: 100,
    p50: 51,
    p95: 96,
    p99: 100,
    max: 100,
  });
});

Deno.test("summarize() of nothing is no number", () => {
  ok(Number.isNaN(summarize([]).p50));
});

Deno.test("histogram() is highest where most samples are", () => {
  strictEqual(histogram([1, 1, 1, 1, 2]), "█ ▂");
});

Deno.test("atMost() says whether the ratio is within its limit", () => {
  const floor = { value: 2, what: "wire" };
  deepStrictEqual(
    [2.9, 3, 3.1].map((value) => atMost("x", 1.5, value, floor).isMet),
    [true, true, false],
  );
});

Deno.test("a report is a table, JSON without samples, and a page", () => {
  const report = {
    about: { engine: "x <y>" },
    rows: [
      atMost("warm", 1.5, 3, { value: 1, what: "floor" }, [1, 2, 3]),
      {
        ...atMost("busy", 4, 3, { value: 1, what: "floor" }),
        quantiles: [1, 2, 4],
      },
    ],
  };
  match(asTable(report), /warm\s+≤ 1\.5 × floor\s+3\.00 ms\s+3\.00\s+missed/);
  match(asTable(report), /2\.00\/3\.00\/3\.00\s+█/);
  strictEqual(JSON.parse(asJson(report)).rows[0].samples.count, 3);
  const page = asPage(report);
  ok(page.includes("x &lt;y>") && page.includes("<rect"));
  ok(page.includes("<h3>busy</h3><svg"));
  strictEqual(JSON.parse(asJson(report)).rows[1].quantiles.p50, 2);
});
