import { deepStrictEqual, match, strictEqual } from "node:assert";
import { compileError } from "../../../runtime/toolchain/compile_error.ts";

const ROWS: [it: string, output: string, message: string, hint: RegExp][] = [
  [
    "a place",
    "source/lib/a.dart:3:4: Error: Expected ';' after this.\n",
    "Cannot compile: lib/a.dart:3:4: Expected ';' after this.",
    /^Mend what is named/,
  ],
  [
    "a package that is not there",
    "source/lib/a.dart:1:8: Error: Couldn't resolve the package 'http' in " +
    "'package:http/http.dart'.\n",
    "Cannot compile: lib/a.dart:1:8: Couldn't resolve the package 'http' in " +
    "'package:http/http.dart'.",
    /OCHE_DART=image/,
  ],
  [
    "no place",
    "Killed\nby somebody",
    "Cannot compile: Killed",
    /^See what the compiler wrote/,
  ],
  [
    "nothing",
    "",
    "Cannot compile: the compiler gave no reason",
    /^See what the compiler wrote/,
  ],
];

for (const [it, output, message, hint] of ROWS) {
  Deno.test(`compileError() has a hint for ${it}`, () => {
    const error = compileError(output);
    strictEqual(error.code, "build_failed");
    strictEqual(error.message, message);
    match(error.hint ?? "", hint);
  });
}

Deno.test("compileError() counts what it does not name in its message", () => {
  const line = "source/a.dart:1:2: Error: no\n";
  const error = compileError(line.repeat(3));
  strictEqual(error.message, "Cannot compile: a.dart:1:2: no (and 2 more)");
  deepStrictEqual(error.stderr, undefined);
});
