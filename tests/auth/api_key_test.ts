/** Keys: what they match, when they end, what they may. */
import { match, notStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  bearerKey,
  findKey,
  hashKey,
  matchesPattern,
  may,
  newKey,
  reaches,
  whyEnded,
} from "../../src/auth/api_key.ts";
import type { ApiKey } from "../../src/contracts/key.ts";

const KEY: ApiKey = {
  id: "1",
  name: "test",
  sha256: hashKey("secret"),
  scopes: ["invoke"],
  createdAt: "2026-01-01T00:00:00Z",
};

Deno.test("matchesPattern() agrees with the expression of the same meaning", () => {
  const letters = fc.string({
    unit: fc.constantFrom("a", "b", "-", "*", "?"),
    maxLength: 12,
  });
  const names = fc.string({
    unit: fc.constantFrom("a", "b", "-"),
    maxLength: 12,
  });
  fc.assert(fc.property(letters, names, (pattern, name) => {
    const expression = new RegExp(
      `^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`,
    );
    strictEqual(matchesPattern(pattern, name), expression.test(name));
  }));
});

const PATTERNS: [pattern: string, name: string, matches: boolean][] = [
  ["billing-*", "billing-pay", true],
  ["billing-*", "billing", false],
  ["billing-*", "my-billing-pay", false],
  ["*", "anything", true],
  ["pay", "pay", true],
  ["pay", "pays", false],
  ["p?y", "pay", true],
  ["*-prod", "a-prod-prod", true],
];

for (const [pattern, name, expected] of PATTERNS) {
  Deno.test(`the pattern ${pattern} ${expected ? "reaches" : "misses"} ${name}`, () => {
    strictEqual(reaches({ ...KEY, functions: [pattern] }, name), expected);
  });
}

Deno.test("a limited key reaches nothing that belongs to no function", () => {
  strictEqual(reaches({ ...KEY, functions: ["*"] }, undefined), false);
  strictEqual(reaches(KEY, undefined), true);
});

Deno.test("matchesPattern() takes a pattern made to be slow in no time worth a word", () => {
  strictEqual(
    matchesPattern(`${"*a".repeat(31)}`, "a".repeat(62) + "b"),
    false,
  );
});

Deno.test("a key ends when it is revoked, and at the moment that it expires", () => {
  const at = Date.parse("2026-06-01T00:00:00Z");
  strictEqual(whyEnded(KEY, at), undefined);
  const expiring = { ...KEY, expiresAt: "2026-06-01T00:00:00Z" };
  strictEqual(whyEnded(expiring, at - 1), undefined);
  strictEqual(whyEnded(expiring, at), "expired");
  strictEqual(
    whyEnded({ ...expiring, revokedAt: "2026-01-02T00:00:00Z" }, at),
    "revoked",
  );
});

Deno.test("admin includes every scope, others themselves alone", () => {
  strictEqual(may({ ...KEY, scopes: ["admin"] }, "deploy"), true);
  strictEqual(may(KEY, "invoke"), true);
  strictEqual(may(KEY, "read"), false);
});

Deno.test("findKey() looks up by the digest of what was presented", () => {
  const keys = {
    find: (sha256: string) => sha256 === KEY.sha256 ? KEY : undefined,
  };
  strictEqual(findKey("secret", keys), KEY);
  strictEqual(findKey("Secret", keys), undefined);
  // A ring that answers with another record opens nothing.
  strictEqual(findKey("other", { find: () => KEY }), undefined);
});

Deno.test("newKey() gives 256 bits that fit an Authorization header", () => {
  const key = newKey();
  match(key, /^oche_[\w-]{43}$/);
  notStrictEqual(newKey(), key);
  strictEqual(bearerKey(`Bearer ${key}`), key);
  strictEqual(bearerKey(`bearer  ${key} `), key);
  for (const wrong of ["", key, `Basic ${key}`, "Bearer", "Bearer a b"]) {
    strictEqual(bearerKey(wrong), undefined);
  }
});
