import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { decodeBody } from "../../src/contracts/body.ts";
import { decodeJson, MAX_JSON_DEPTH } from "../../src/contracts/json.ts";

function lists(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

Deno.test("decodeJson() takes what is as deep as allowed, and no deeper", () => {
  decodeJson(lists(MAX_JSON_DEPTH));
  for (const depth of [MAX_JSON_DEPTH + 1, 1_000_000]) {
    throws(() => decodeJson(lists(depth)), RangeError);
    throws(() => decodeJson(`{"a":[1,${lists(depth)}]}`), RangeError);
  }
});

Deno.test("decodeJson() takes long and flat values", () => {
  const flat = Array.from({ length: 10_000 }, (_, index) => [index]);
  deepStrictEqual(decodeJson(JSON.stringify(flat)), flat);
});

Deno.test("decodeBody() passes JSON that is too deep as text", () => {
  const text = lists(100_000);
  const { body } = decodeBody(
    new TextEncoder().encode(text),
    "application/json",
  );
  strictEqual(body, text);
});
