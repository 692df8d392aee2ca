import { strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { CloudRequest } from "../../src/contracts/cloud.ts";
import { flowKey, KeyExpression, keyToken } from "../../src/contracts/flow.ts";

const REQUEST = CloudRequest.parse({
  headers: { "X-Tenant": "acme" },
  query: { doc: "7", "a b": "c" },
  body: {
    customer: { id: 42, name: "Ada", tags: ["x"], none: null },
    "odd key": true,
  },
});

for (
  const [expression, key] of [
    ["header:x-tenant", "acme"],
    ["header:X-TENANT", "acme"],
    ["header:other", undefined],
    ["query:doc", "7"],
    ["query:a b", "c"],
    ["query:constructor", undefined],
    ["body:customer.id", "42"],
    ["body:customer.name", "Ada"],
    ["body:customer.tags", '["x"]'],
    ["body:customer.tags.0", "x"],
    ["body:customer.none", undefined],
    ["body:customer.id.deeper", undefined],
    ["body:__proto__.polluted", undefined],
    ["body:odd key", "true"],
  ] as const
) {
  Deno.test(`the key of ${expression} is ${key}`, () => {
    strictEqual(
      flowKey(KeyExpression.parse(expression), REQUEST),
      key,
    );
  });
}

for (
  const expression of [
    "",
    "x-tenant",
    "cookie:a",
    "header:",
    "header:a b",
    "query:",
    "body:",
    "body:a..b",
    "body:.a",
    `body:${"a".repeat(300)}`,
  ]
) {
  Deno.test(`the expression "${expression.slice(0, 20)}" is refused`, () => {
    throws(() => KeyExpression.parse(expression));
  });
}

Deno.test("flowKey() finds a text or nothing in any body, and keyToken() fits a subject", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.string(), (body, name) => {
    const request = CloudRequest.parse({ body });
    const key = flowKey(`body:${name}`, request);
    strictEqual(["string", "undefined"].includes(typeof key), true);
    strictEqual(/^[0-9a-f]{32}$/.test(keyToken(key ?? "")), true);
  }));
});
