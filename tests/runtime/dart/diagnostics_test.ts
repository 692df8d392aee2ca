/** Real output of the Dart 3.7 front end, and the author's places in it. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { parseCompilerOutput } from "../../../runtime/dart/diagnostics.ts";

const SOURCE = "source/";

/** By fixture: `file:line:column message` of each diagnostic. */
const CASES: Record<string, string[]> = {
  types: [
    "lib/f.dart:5:13 A value of type 'String' can't be assigned to a variable of type 'int'.",
    "lib/f.dart:6:5 The method 'foo' isn't defined for the class 'F'.",
    "lib/f.dart:7:31 The argument type 'int' can't be assigned to the parameter type 'String'.",
  ],
  imports: [
    "lib/f.dart:2:8 Error when reading 'lib/nope.dart': No such file or directory",
    "lib/f.dart:3:8 Not found: 'package:gone/x.dart'",
    "lib/g.dart:1:6 Can't find ')' to match '('.",
    "lib/g.dart:1:8 Expected an identifier, but got '=>'.",
    "lib/g.dart:1:11 Expected '{' before this.",
    "lib/g.dart:1:11 Expected a declaration, but got '1'.",
    "lib/g.dart:1:12 Unexpected token ';'.",
    "lib/f.dart:8:34 Expected ';' after this.",
    "lib/g.dart:2:1 Expected '{' before this.",
    "lib/g.dart:1:11 Expected a function body, but got '1'.",
    "lib/g.dart:1:11 Expected a function body, but got '{'.",
    "lib/g.dart:1:5 A non-null value must be returned since the return type 'int' doesn't allow null.",
  ],
  syntax: [
    "lib/f.dart:3:35 Can't find '}' to match '{'.",
    "lib/f.dart:4:97 Unexpected token 'async'.",
    "lib/f.dart:5:28 Property 'length' cannot be accessed on 'String?' because it is potentially null.",
    "lib/f.dart:5:60 A value of type 'String' can't be assigned to a variable of type 'int'.",
  ],
  override: [
    "lib/f.dart:6:7 The non-abstract class 'G' is missing implementations for these members:",
    "lib/f.dart:4:3 The method 'F.handle' has more required arguments than those of overridden method 'CloudDartFunction.handle'.",
    "lib/f.dart:4:3 The method 'F.handle' has fewer named arguments than those of overridden method 'CloudDartFunction.handle'.",
    "lib/f.dart:4:26 A value of type 'int' can't be returned from a function with return type 'Future<CloudResponse>'.",
  ],
  encoded: [
    "lib/ü b/it's $x #1 50% a+b,(c)?.dart:6:13 A value of type 'String' can't be assigned to a variable of type 'int'.",
    "lib/ü b/x y.dart:1:20 A value of type 'String' can't be assigned to a variable of type 'int'.",
  ],
  absolute: [
    "lib/ü b/it's $x #1 50% a+b,(c)?.dart:6:13 A value of type 'String' can't be assigned to a variable of type 'int'.",
    "lib/ü b/x y.dart:1:20 A value of type 'String' can't be assigned to a variable of type 'int'.",
  ],
  missing: [
    "main.dart:2:8 Error when reading 'lib/f.dart': No such file or directory",
    "main.dart:3:33 Method not found: 'F'.",
  ],
};

for (const [name, expected] of Object.entries(CASES)) {
  Deno.test(`parseCompilerOutput() reads compile_${name}.txt`, async () => {
    const text = await Deno.readTextFile(
      new URL(`../../fixtures/dart/compile_${name}.txt`, import.meta.url),
    );
    deepStrictEqual(
      parseCompilerOutput(text, SOURCE).map(
        ({ file, line, column, message }) =>
          `${file}:${line}:${column} ${message}`,
      ),
      expected,
    );
  });
}

Deno.test("parseCompilerOutput() drops absolute prefixes and keeps inner ones", () => {
  const text = `/build/source/source/a.dart:1:2: Error: one
file:///build/source/b.dart:3:4: Error: two 'source/c.dart'
resource/d.dart:5:6: Error: three
`;
  deepStrictEqual(parseCompilerOutput(text, SOURCE), [
    { file: "source/a.dart", line: 1, column: 2, message: "one" },
    { file: "b.dart", line: 3, column: 4, message: "two 'c.dart'" },
  ]);
});

Deno.test("parseCompilerOutput() keeps what has no place when nothing has", () => {
  deepStrictEqual(
    parseCompilerOutput("Error: Out of luck.\nmain.dart: Error: No.", SOURCE),
    [
      { file: "main.dart", message: "Out of luck." },
      { file: "main.dart", message: "No." },
    ],
  );
});

Deno.test("parseCompilerOutput() finds nothing in other output", () => {
  deepStrictEqual(
    parseCompilerOutput(
      "source/a.dart:1:2: Warning: w\nsource/a.dart:1:2: Context: c\n\nx",
      SOURCE,
    ),
    [],
  );
});

Deno.test("parseCompilerOutput() is bounded", () => {
  const line = `source/a.dart:1:2: Error: ${"x".repeat(100_000)}\n`;
  const found = parseCompilerOutput(line.repeat(60), SOURCE);
  strictEqual(found.length, 50);
  strictEqual(found[0]?.message.length, 1_000);
  strictEqual(parseCompilerOutput("Error: x\n".repeat(60), SOURCE).length, 50);
});
