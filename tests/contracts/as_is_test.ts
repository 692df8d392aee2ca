/** The quick checks and the schemas agree, whatever comes. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { isRequestAsIs, isResponseAsIs } from "../../src/contracts/as_is.ts";
import { CloudRequest, CloudResponse } from "../../src/contracts/cloud.ts";

const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("content-type", "x-a", "1", "!") },
  fc.constantFrom("X-Upper", "a b", "", "é", "__proto__", "toString"),
  fc.constantFrom("constructor", "x".repeat(256), "x".repeat(257)),
  fc.string(),
);
const text = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("", "v", "a\tb", "é", "\ud800") },
  fc.constantFrom("a\r\nb", "\0", "\x7f", "\x80"),
  fc.string({ unit: "binary" }),
  fc.constantFrom("x".repeat(65_536), "x".repeat(65_537)),
);
const any = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: text },
);
const headers = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(name, text, { maxKeys: 3 }) },
  {
    weight: 6,
    arbitrary: fc.dictionary(
      fc.constantFrom("content-type", "x-b"),
      fc.oneof(text, fc.array(text, { maxLength: 2 })),
    ),
  },
  { weight: 1, arbitrary: any },
);

/** A field that is seldom missing. */
function maybe<T>(arbitrary: fc.Arbitrary<T>) {
  return fc.oneof(
    { weight: 24, arbitrary },
    { weight: 1, arbitrary: any },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** A field that is mostly missing. */
function seldom<T>(arbitrary: fc.Arbitrary<T>) {
  return fc.oneof(
    { weight: 18, arbitrary: fc.constant(undefined) },
    { weight: 3, arbitrary },
    { weight: 1, arbitrary: any },
  );
}

const request = fc.record({
  method: maybe(fc.constantFrom("GET", "POST", "pOsT", "!", "G E T", "")),
  path: maybe(fc.constantFrom("/", "/a b", "", "é", "x".repeat(65_537))),
  headers: maybe(headers),
  query: maybe(fc.dictionary(name, fc.string(), { maxKeys: 2 })),
  queryAll: seldom(fc.dictionary(name, fc.array(fc.string()))),
  body: maybe(fc.jsonValue()),
  isBase64Encoded: seldom(fc.boolean()),
  rawBody: seldom(fc.base64String()),
  more: seldom(any),
});

const response = fc.record({
  statusCode: maybe(
    fc.oneof(
      fc.constantFrom(200, 201, 404, 599),
      fc.constantFrom(600, 199, 200.5, "200", null, -0, 1e300),
    ),
  ),
  headers: maybe(headers),
  body: maybe(fc.jsonValue()),
  encoding: seldom(fc.constantFrom("json", "text")),
  isBase64Encoded: seldom(fc.boolean()),
  more: seldom(any),
});

const RUNS = { numRuns: 3_000 };

const CASES = [
  ["isRequestAsIs", isRequestAsIs, CloudRequest, request],
  ["isResponseAsIs", isResponseAsIs, CloudResponse, response],
] as const;

for (const [what, isAsIs, schema, values] of CASES) {
  Deno.test(`${what}() holds only for what the schema leaves as it is`, () => {
    let held = 0;
    fc.assert(
      fc.property(values as fc.Arbitrary<unknown>, (value) => {
        const json = JSON.parse(JSON.stringify(value));
        if (!isAsIs(json)) return;
        held++;
        const parsed = schema.safeParse(json);
        ok(parsed.success, `the schema refuses ${JSON.stringify(value)}`);
        deepStrictEqual(parsed.data, json);
      }),
      RUNS,
    );
    ok(held > RUNS.numRuns / 20, `held only ${held} times`);
  });

  Deno.test(`${what}() refuses nothing that is usual`, () => {
    fc.assert(
      fc.property(values as fc.Arbitrary<unknown>, (value) => {
        const parsed = schema.safeParse(JSON.parse(JSON.stringify(value)));
        if (!parsed.success) return;
        const isUsual = !("isBase64Encoded" in parsed.data) &&
          !("rawBody" in parsed.data);
        if (!isUsual) return;
        // What the schema made has nothing left for it to change.
        strictEqual(isAsIs(JSON.parse(JSON.stringify(parsed.data))), true);
      }),
      RUNS,
    );
  });
}

Deno.test("isRequestAsIs() and isResponseAsIs() refuse a name that is no name", () => {
  const headers = '{"__proto__":"a"}';
  const request = JSON.parse(
    `{"method":"GET","path":"/","headers":${headers},"query":{},"body":null}`,
  );
  const response = JSON.parse(
    `{"statusCode":200,"headers":${headers},"body":null}`,
  );
  strictEqual(isRequestAsIs(request), false);
  strictEqual(isResponseAsIs(response), false);
  strictEqual(isRequestAsIs(JSON.parse('{"__proto__":{}}')), false);
});

Deno.test("isResponseAsIs() takes one field besides, when asked", () => {
  const value = { statusCode: 200, headers: {}, body: 1, invocation: "i" };
  strictEqual(isResponseAsIs(value), false);
  strictEqual(isResponseAsIs(value, "invocation"), true);
});
