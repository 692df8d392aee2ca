import { deepStrictEqual, strictEqual } from "node:assert";
import { jsonOf, keepJson } from "../../src/contracts/json_source.ts";
import { encodeUtf8 } from "../../src/contracts/utf8.ts";

Deno.test("jsonOf() gives the JSON that was kept, and encodes what has none", () => {
  const value = { body: 1 };
  deepStrictEqual(jsonOf(value), encodeUtf8('{"body":1}'));
  const json = encodeUtf8('{"body": 1.0}');
  strictEqual(keepJson(value, json), value);
  strictEqual(jsonOf(value), json);
});

Deno.test("a changed copy does not inherit the JSON", () => {
  const value = keepJson({ body: 1 }, encodeUtf8('{"body":1}'));
  deepStrictEqual(jsonOf({ ...value, body: 2 }), encodeUtf8('{"body":2}'));
});
