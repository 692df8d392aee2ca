/** What is no cloud function: sources that are refused, and what is said. */
import { deepStrictEqual, ok, rejects } from "node:assert";
import { analyze } from "../../../runtime/dart/analyze.ts";
import { INJECTION_FAILED } from "../../../runtime/dart/refusal.ts";
import { AppError } from "../../../src/contracts/error.ts";
import { GOOD, HANDLE, treeOf } from "./source_tree.ts";

interface Case {
  it: string;
  /** A project, or the text of lib/f.dart. */
  source: string | Record<string, string | Uint8Array>;
  /** What follows the spec's text. */
  says: string;
  /** `file:line:column` of each diagnostic; of lib/f.dart where no file is said. */
  at?: string[];
}

function constructors(text: string): string {
  return GOOD.replace("{\n", `{\n  ${text}\n`);
}

function handle(member: string): string {
  return GOOD.replace(HANDLE, `  ${member}`);
}

const NONE =
  "No class found: none carries @cloudFunction, none extends CloudDartFunction";
const BROKEN = "No class found, and a file could not be parsed";
const NO_HANDLE = "The class F has no handle() method of its own";
const NO_FILE = "There is no .dart file besides main.dart and tests";
const MAIN = "The code declares main(), which is generated";

const CASES: Case[] = [
  { it: "an empty archive", source: {}, says: NO_FILE },
  {
    it: "no .dart file",
    source: { "pubspec.yaml": "", "f.txt": GOOD },
    says: NO_FILE,
  },
  {
    it: "main.dart, tests and tools' files only",
    source: {
      "lib/main.dart": GOOD,
      "test/f.dart": GOOD,
      ".dart_tool/f.dart": GOOD,
    },
    says: NO_FILE,
  },
  { it: "an empty file", source: "", says: NONE },
  {
    it: "no annotation",
    source: GOOD.replace("@cloudFunction", ""),
    says: "No @cloudFunction annotation on F",
    at: ["2:7"],
  },
  {
    it: "no annotation on any of many",
    source: {
      "a.dart": Array.from(
        { length: 7 },
        (_, i) => `class A${i} extends CloudDartFunction {}`,
      ).join("\n"),
    },
    says: "No @cloudFunction annotation on A0, A1, A2, A3, A4 and 2 more",
    at: [1, 2, 3, 4, 5, 6, 7].map((line) => `a.dart:${line}:7`),
  },
  {
    it: "an annotation of another name",
    source: GOOD.replace("@cloudFunction", "@cloudfunction"),
    says: "No @cloudFunction annotation on F",
    at: ["2:7"],
  },
  {
    it: "the annotation of the older generation",
    source: "@function\nclass F extends CloudDartFunction {}",
    says: "@function is the annotation of an older generation",
    at: ["2:7"],
  },
  {
    it: "the annotation of the older generation on a function",
    source: "@function\nFuture<void> f() async {}",
    says: "@function is the annotation of an older generation",
    at: ["1:1"],
  },
  {
    it: "two annotated classes in two files",
    source: {
      "lib/f.dart": GOOD,
      "lib/g.dart": GOOD.replace("class F", "class G"),
    },
    says: "Several classes carry @cloudFunction: F, G",
    at: ["2:7", "lib/g.dart:2:7"],
  },
  {
    it: "two annotated classes, one by prefix and call",
    source:
      `${GOOD}@cf.CloudFunction() class G extends cf.CloudDartFunction {}`,
    says: "Several classes carry @cloudFunction: F, G",
    at: ["2:7", "5:27"],
  },
  {
    it: "a second class that extends the base",
    source: `${GOOD}\nclass G extends CloudDartFunction {}`,
    says: "Several classes extend CloudDartFunction: F, G",
    at: ["2:7", "6:7"],
  },
  {
    it: "an annotated class that extends nothing",
    source: "\n\n  @cloudFunction class F {}",
    says: "The class F does not extend CloudDartFunction",
    at: ["3:24"],
  },
  {
    it: "an annotated class that mixes the base in",
    source: "@cloudFunction class F with CloudDartFunction {}",
    says: "The class F does not extend CloudDartFunction",
    at: ["1:22"],
  },
  {
    it: "an annotated class that implements the base",
    source:
      "@cloudFunction class F extends a.Base<int> implements CloudDartFunction {}",
    says: "The class F does not extend CloudDartFunction, but Base",
    at: ["1:22"],
  },
  {
    it: "a base whose name only begins alike",
    source: GOOD.replace(
      "extends CloudDartFunction",
      "extends CloudDartFunctions",
    ),
    says:
      "The class F does not extend CloudDartFunction, but CloudDartFunctions",
    at: ["2:7"],
  },
  {
    it: "an indirect subclass",
    source: {
      "lib/f.dart": GOOD.replace("extends CloudDartFunction", "extends Mid"),
      "lib/base.dart":
        "abstract class Base extends CloudDartFunction {}\nclass Mid extends Base {}",
    },
    says: "The class F extends CloudDartFunction only through Mid",
    at: ["2:7", "lib/base.dart:2:7"],
  },
  {
    it: "a circle of superclasses",
    source:
      "@cloudFunction class F extends G {} class G extends H {} class H extends G {}",
    says: "The class F does not extend CloudDartFunction, but G",
    at: ["1:22"],
  },
  ...([
    ["a function", "@cloudFunction\nvoid f() {}"],
    ["a mixin", "@cloudFunction mixin M on CloudDartFunction {}"],
    ["an enum", "@cloudFunction enum E { a }"],
    ["an extension", "@cloudFunction extension E on int {}"],
    ["an extension type", "@cloudFunction extension type E(int i) {}"],
    ["a typedef", "@cloudFunction typedef T = CloudDartFunction;"],
    ["a variable", "@cloudFunction final f = 1;"],
  ].map(([on, source = ""]) => ({
    it: `the annotation on ${on}`,
    source,
    says: `@cloudFunction is on ${on}, not on a class`,
    at: ["1:1"],
  }))),
  {
    it: "the annotation on handle() too",
    source: GOOD.replace("  @override", "  @CloudFunction()"),
    says: "@CloudFunction is on a member of the class F, not on a class",
    at: ["3:3"],
  },
  { it: "main()", source: `${GOOD}void main() {}`, says: MAIN, at: ["5:6"] },
  {
    it: "main() in another file, without a type, and external",
    source: {
      "lib/f.dart": GOOD,
      "bin/run.dart": "main(List<String> args) async {}",
      "x.dart": "external void main();",
    },
    says: MAIN,
    at: ["bin/run.dart:1:1", "x.dart:1:15"],
  },
  {
    it: "main() in a folder test that is not the project's",
    source: {
      "pubspec.yaml": "",
      "lib/f.dart": GOOD,
      "lib/test/a.dart": "\nmain() => 1;",
    },
    says: MAIN,
    at: ["lib/test/a.dart:2:1"],
  },
  {
    it: "no handle()",
    source: handle("void handler() {}"),
    says: NO_HANDLE,
    at: ["2:7"],
  },
  {
    it: "handle() from a mixin",
    source: "\n@cloudFunction class F = CloudDartFunction with M;",
    says: NO_HANDLE,
    at: ["2:22"],
  },
  ...([
    [
      "method without a body",
      "Future<CloudResponse> handle({required CloudRequest request});",
      25,
    ],
    ["method without a body", "external Future<CloudResponse> handle();", 34],
    ["static method", "static Future<CloudResponse> handle() async {}", 32],
    ["getter", "Future<CloudResponse> get handle => 1;", 29],
    ["setter", "set handle(int x) {}", 7],
    ["field", "final handle = () async {};", 9],
    ["field", "static const a = 1, handle = 2;", 23],
    ["field", "late Future<CloudResponse> Function() handle;", 41],
  ] as const).map(([kind, member, column]) => ({
    it: `handle as ${member}`,
    source: handle(member),
    says: `handle of F is a ${kind}, not a method to call`,
    at: [`3:${column}`],
  })),
  {
    it: "a handle() that a syntax error hides",
    source: handle("Future<CloudResponse> handle({required int request async;"),
    says: "The class F has no handle() method that could be parsed",
    at: ["2:7", "3:3"],
  },
  {
    it: "an abstract class",
    source: GOOD.replace("class", "abstract base class"),
    says: "The class F is abstract and cannot be instantiated",
    at: ["2:21"],
  },
  {
    it: "a sealed class",
    source: GOOD.replace("class", "sealed class"),
    says: "The class F is sealed and cannot be instantiated",
    at: ["2:14"],
  },
  {
    it: "a private class",
    source: GOOD.replace("class F", "class _F"),
    says: "The class _F is private and cannot be imported",
    at: ["2:7"],
  },
  {
    it: "a required positional argument",
    source: constructors("F(this.db, int b, [int? c]);"),
    says: "The constructor of F needs arguments: db, b",
    at: ["3:3"],
  },
  {
    it: "a required named argument",
    source: constructors(
      "const F({int? a, required this.url, required void Function(int x) f, super.k});",
    ),
    says: "The constructor of F needs arguments: url, f",
    at: ["3:9"],
  },
  {
    it: "a factory that needs an argument",
    source: constructors("factory F(int a) => F._();  F._();"),
    says: "The constructor of F needs arguments: a",
    at: ["3:11"],
  },
  {
    it: "named constructors only",
    source: constructors("F.of(); const F._(); factory F.make() = G;"),
    says:
      "The class F has no unnamed constructor, only F.of(), F._(), F.make()",
    at: ["3:3", "3:17", "3:32"],
  },
  {
    it: "a part that nobody names",
    source: `part of 'x.dart';\n${GOOD}`,
    says: "The class is in a part that no library of the archive names",
    at: ["1:1"],
  },
  {
    it: "a misspelt class",
    source: GOOD.replace("class", "clas"),
    says: BROKEN,
    at: ["2:7"],
  },
  {
    it: "a file of rubbish",
    source: "const main = ;;; } ((( {{ class class",
    says: BROKEN,
    at: ["1:1"],
  },
];

for (const { it, source, says, at = [] } of CASES) {
  Deno.test(`analyze() refuses ${it}`, async () => {
    const files = typeof source === "string"
      ? { "lib/f.dart": source }
      : source;
    await rejects(analyze(treeOf(files)), (error) => {
      ok(error instanceof AppError);
      const places = (error.diagnostics ?? [])
        .map(({ file, line, column }) => `${file}:${line}:${column}`);
      deepStrictEqual(
        {
          code: error.code,
          says: error.message.replace(/ \([^()]*:\d[^()]*\)$/, ""),
          at: places,
        },
        {
          code: "injection_failed",
          says: `${INJECTION_FAILED} ${says}`,
          at: at.map((place) =>
            /\.dart:/.test(place) ? place : `lib/f.dart:${place}`
          ),
        },
      );
      ok(error.hint);
      return true;
    });
  });
}

Deno.test("analyze() begins with the spec's text and names file and line", async () => {
  await rejects(
    analyze(treeOf({ "lib/f.dart": `${GOOD}void main() {}` })),
    {
      message: "Failed to inject main.dart. Ensure function has exactly one " +
        "class extending CloudDartFunction with @cloudFunction annotation. " +
        "The code declares main(), which is generated (lib/f.dart:5)",
    },
  );
});
