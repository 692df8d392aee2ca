import { strictEqual } from "node:assert";
import { FunctionName, FunctionRef } from "../../src/contracts/function.ts";

const UUID = "a0000000-0000-4000-8000-000000000000";

const NAMES: [string, boolean][] = [
  ["a", true],
  ["hello-world-2", true],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
  ["", false],
  ["Hello", false],
  ["2hello", false],
  ["-hello", false],
  ["hello_world", false],
  ["hello.world", false],
  ["hello world", false],
  ["héllo", false],
  ["../etc", false],
  ["*", false],
  [">", false],
  ["hello\n", false],
  [UUID, false],
];

for (const [name, valid] of NAMES) {
  Deno.test(`FunctionName ${valid ? "takes" : "refuses"} ${JSON.stringify(name)}`, () => {
    strictEqual(FunctionName.safeParse(name).success, valid);
  });
}

Deno.test("FunctionRef takes an id where a name is meant", () => {
  strictEqual(FunctionRef.safeParse(UUID).success, true);
  strictEqual(FunctionRef.safeParse("hello").success, true);
  strictEqual(FunctionRef.safeParse("a.b").success, false);
});
