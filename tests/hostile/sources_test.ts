/**
 * Hostile Dart sources: a row each, from archive to build input, with the real
 * parser in its process. What is allowed is a row too: the sandbox is the wall,
 * not a list of words.
 */
import { deepStrictEqual, match, ok, rejects } from "node:assert";
import { packContext } from "../../runtime/image/context.ts";
import { prepare, type PrepareLimits } from "../../runtime/deploy/prepare.ts";
import { AppError } from "../../src/contracts/error.ts";
import { GOOD } from "../runtime/dart/source_tree.ts";

const MB = 1024 * 1024;

type Files = Record<string, string | Uint8Array>;

interface Row {
  it: string;
  /** Of a project, or the text of lib/f.dart. */
  source: string | Files;
  limits?: PrepareLimits;
}

interface Refused extends Row {
  by: "sources" | "parser" | "analysis" | "pubspec";
  code?: "injection_failed" | "invalid";
  says: RegExp;
}

const ALLOWED: Row[] = [
  {
    it: "dart:io, dart:isolate, dart:ffi and dart:mirrors, and what they offer",
    source:
      `import 'dart:io'; import 'dart:isolate'; import 'dart:ffi'; import 'dart:mirrors';
${GOOD}
void f() { Process.runSync('sh', []); Isolate.spawn(g, 1); DynamicLibrary.open('x'); reflect(0); exit(0); }`,
  },
  {
    it: "conditional imports and exports",
    source: {
      "lib/f.dart":
        `import 'a.dart' if (dart.library.io) 'b.dart' if (dart.library.html == "true") 'c.dart';
export 'a.dart' if (dart.library.ffi) '../../../../etc/passwd';
${GOOD}`,
    },
  },
  {
    it: "imports of what is nowhere: the compiler's business, in its container",
    source: `import 'file:///etc/passwd'; import 'http://127.0.0.1/x.dart';
import '../../../../../../etc/passwd'; import 'package:nobody/x.dart';
${GOOD}`,
  },
  {
    it: "the annotation and main() in comments and strings",
    source: `${GOOD}
// @cloudFunction class A extends CloudDartFunction {}
/* @cloudFunction class B extends CloudDartFunction {} /* void main() {} */ */
const a = '@cloudFunction class C extends CloudDartFunction {}';
const b = r'''
@cloudFunction
class D extends CloudDartFunction {}
void main() {}
''';
final c = "\${'@cloudFunction class E extends CloudDartFunction { \${1} }'}";
`,
  },
  {
    it: "a byte order mark and Windows line ends",
    source: `\uFEFF${GOOD.replaceAll("\n", "\r\n")}`,
  },
  {
    it: "control characters that turn the direction of writing",
    source: `${GOOD}\n// \u202E @cloudFunction \u2066 class\u2069\n`,
  },
  {
    it: "10 MB of nesting that names nothing of ours",
    source: {
      "lib/f.dart": GOOD,
      "lib/data.dart": `final x = ${"(".repeat(10 * MB)}`,
    },
  },
  {
    it: "a megabyte of nested parentheses beside the class",
    source: `${GOOD}var x = ${"(".repeat(MB - 1_000)};`,
  },
  {
    it: "a megabyte of nested strings in strings",
    source: `${GOOD}var x = '${"${'".repeat(MB / 3 - 1_000)}`,
  },
  {
    it: "2,000 files that each name ours",
    source: {
      "lib/f.dart": GOOD,
      ...Object.fromEntries(
        Array.from({ length: 2_000 }, (_, n) => [
          `lib/p${n}.dart`,
          `// main part cloudFunction\nclass C${n} {}`,
        ]),
      ),
    },
  },
  {
    it: "lines that begin a regular expression's worst case",
    source: `${GOOD}\n// ${"@ ".repeat(100_000)}\n// ${
      "import ".repeat(100_000)
    }\n`,
  },
];

/** Rows that wait for the limit use a short one. */
const SHORT = { analysisMs: 1_500 };

const REFUSED: Refused[] = [
  {
    it: "bytes that are not UTF-8",
    by: "sources",
    source: { "a.dart": GOOD, "b.dart": new Uint8Array([0x2f, 0x2f, 0xff]) },
    says: /A file is not UTF-8 text \(b\.dart:1\)/,
  },
  {
    it: "an overlong form of UTF-8",
    by: "sources",
    source: { "b.dart": new Uint8Array([0x2f, 0x2f, 0xc0, 0xaf]) },
    says: /A file is not UTF-8 text/,
  },
  {
    it: "UTF-16",
    by: "sources",
    source: {
      "a.dart": new Uint8Array(
        new Uint16Array(Array.from(GOOD, (c) => c.charCodeAt(0))).buffer,
      ),
    },
    says: /A file holds a NUL character \(a\.dart:1\)/,
  },
  {
    it: "a NUL in the third line",
    by: "sources",
    source: `//\n//\n//\0`,
    says: /A file holds a NUL character \(lib\/f\.dart:3\)/,
  },
  {
    it: "a file of ours over a megabyte",
    by: "sources",
    source: `${GOOD}//${"x".repeat(MB)}`,
    says: /A file is longer than 1048576 bytes \(lib\/f\.dart:1\)/,
  },
  {
    it: "a file over a megabyte in bytes, not in characters",
    by: "sources",
    source: `${GOOD}//${"ü".repeat(MB / 2)}`,
    says: /A file is longer than 1048576 bytes/,
  },
  {
    it: "10 MB of nesting in a file of ours",
    by: "sources",
    source: `var main = ${"(".repeat(10 * MB)}`,
    says: /A file is longer than 1048576 bytes/,
  },
  ...[
    ["empty statements", ";".repeat(MB - 1_000)],
    ["opened comments", "/*".repeat(MB / 2 - 1_000)],
    ["type arguments", `var x = a${"<a".repeat(MB / 2 - 1_000)};`],
    [
      "generics that may be comparisons",
      `f(){${"a(b<c,d>(e));".repeat(80_000)}}`,
    ],
    ["emoji", "\u{1F600}".repeat(MB / 4 - 1_000)],
  ].map(([what, text]): Refused => ({
    it: `a megabyte of ${what}`,
    by: "parser",
    source: `${GOOD}${text}`,
    limits: SHORT,
    says: /A file takes too (long|much memory) to parse \(lib\/f\.dart:1\)/,
  })),
  {
    it: "a slow file after a good one, by its name",
    by: "parser",
    source: {
      "lib/a.dart": GOOD,
      "lib/b.dart": `// main\n${"/*".repeat(MB / 2 - 1_000)}`,
    },
    limits: SHORT,
    says: /too (long|much memory) to parse \(lib\/b\.dart:1\)/,
  },
  {
    it: "100,000 classes",
    by: "parser",
    source: `${GOOD}${"class A{}".repeat(100_000)}`,
    says: /A file declares too much \(lib\/f\.dart:1\)/,
  },
  {
    it: "5,000 classes with the annotation",
    by: "analysis",
    source: "@cloudFunction class A extends CloudDartFunction {}\n".repeat(
      5_000,
    ),
    says: /Several classes carry @cloudFunction: A, A, A, A, A and 4995 more/,
  },
  {
    it: "a class whose name has 100,000 letters",
    by: "analysis",
    source: GOOD.replace("class F", `class ${"F".repeat(100_000)}`),
    says: /The name of the class is longer than 256 characters/,
  },
  {
    it: "main() under a conditional import",
    by: "analysis",
    source: `import 'a.dart' if (dart.library.io) 'b.dart';\n${GOOD}main() {}`,
    says: /The code declares main\(\), which is generated/,
  },
  {
    it: "the class in comments and strings alone",
    by: "analysis",
    source: `/* ${GOOD} */ const a = '''${GOOD}''';`,
    says: /No class found/,
  },
  ...[
    [
      "aliases that unfold a billion times",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${
        Array.from("bcdefghij", (name, n) => {
          const before = "abcdefghij"[n];
          return `${name}: &${name} [${Array(9).fill(`*${before}`).join()}]`;
        }).join("\n")
      }\n`,
    ],
    ["200,000 open brackets", `name: ${"[".repeat(200_000)}`],
    ["a megabyte", `name: x\n#${"x".repeat(MB)}`],
    ["bytes that are not UTF-8", new Uint8Array([0x6e, 0xff])],
    ["a name that is a path", "name: ../../etc\n"],
    ["a name that is ours", "name: dart_cloud_function\n"],
    ["a list in place of a map", "- name: x\n"],
    ["a tag that would make an object", "name: !!js/function 'x'\nsdk: [\n"],
  ].map(([what, pubspec = ""]): Refused => ({
    it: `a pubspec.yaml with ${what}`,
    by: "pubspec",
    source: { "lib/f.dart": GOOD, "pubspec.yaml": pubspec },
    code: "invalid",
    says: /^Cannot read "pubspec\.yaml:\d+": /,
  })),
];

async function prepared({ source, limits }: Row) {
  const files = typeof source === "string" ? { "lib/f.dart": source } : source;
  const encoder = new TextEncoder();
  const archive = await packContext(
    new Map(
      Object.entries(files).map(([path, content]) => [
        path,
        typeof content === "string" ? encoder.encode(content) : content,
      ]),
    ),
  );
  return await prepare(archive, limits);
}

/** Parsers of this process, were they left; other tests have children too. */
async function parsers(): Promise<string[]> {
  const commands: string[] = [];
  for await (const { name } of Deno.readDir("/proc/self/task")) {
    const pids = await Deno.readTextFile(`/proc/self/task/${name}/children`)
      .catch(() => "");
    for (const pid of pids.split(" ").filter((each) => each !== "")) {
      commands.push(
        await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => ""),
      );
    }
  }
  return commands.filter((command) => command.includes("facts_program"));
}

for (const row of ALLOWED) {
  Deno.test(`a deploy takes ${row.it}`, async () => {
    const { analysis } = await prepared(row);
    deepStrictEqual([analysis.class, analysis.file], ["F", "lib/f.dart"]);
  });
}

for (const { by, code = "injection_failed", says, ...row } of REFUSED) {
  Deno.test(`a deploy refuses, by its ${by}, ${row.it}`, async () => {
    await rejects(prepared(row), (error) => {
      ok(error instanceof AppError, String(error));
      match(error.message, says);
      deepStrictEqual(error.code, code);
      ok(error.hint);
      ok(JSON.stringify(error.diagnostics).length < 20_000);
      return true;
    });
    deepStrictEqual(await parsers(), []);
  });
}

Deno.test("a deploy goes well while a hostile one keeps the parser busy", async () => {
  const hostile = rejects(prepared({
    it: "",
    source: `${GOOD}${"/*".repeat(MB / 2 - 1_000)}`,
    limits: SHORT,
  }));
  const { analysis } = await prepared({ it: "", source: GOOD });
  deepStrictEqual(analysis.class, "F");
  await hostile;
});
