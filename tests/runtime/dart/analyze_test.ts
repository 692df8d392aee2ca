/** What is a cloud function: sources that are accepted, and what is found. */
import { deepStrictEqual } from "node:assert";
import { type Analysis, analyze } from "../../../runtime/dart/analyze.ts";
import { GOOD, HANDLE, IMPORT, treeOf } from "./source_tree.ts";

interface Case {
  it: string;
  /** A project, or the text of lib/f.dart. */
  source: string | Record<string, string>;
  /** Where it differs from class F in line 2 of lib/f.dart. */
  found?: Partial<Analysis>;
}

const LOGGED = "Future<CloudResponse> handle({required CloudRequest request, " +
  "required CloudDartFunctionLogger logger, Map<String, String>? env}) async {}";

const CASES: Case[] = [
  { it: "the plain class", source: GOOD },
  {
    it: "the spec's example",
    source: `${IMPORT}

@cloudFunction
class MyFunction extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    final dbUrl = env?['DATABASE_URL'];
    return CloudResponse.json({'message': 'Hello', 'body': request.body});
  }
}
`,
    found: { className: "MyFunction", line: 4 },
  },
  {
    it: "the annotation as a call",
    source: GOOD.replace("@cloudFunction", "@CloudFunction()"),
  },
  {
    it: "the annotation as a call of new",
    source: GOOD.replace("@cloudFunction", "@CloudFunction.new()"),
  },
  {
    it: "prefixes on annotation and superclass",
    source:
      `import 'package:dart_cloud_function/dart_cloud_function.dart' as cf;
@cf.cloudFunction
class F extends cf.CloudDartFunction {
  Future<cf.CloudResponse> handle({required cf.CloudRequest request, Map<String, String>? env}) async => cf.CloudResponse.text('');
}`,
    found: { line: 3 },
  },
  {
    it: "annotations above, below and beside",
    source:
      `@Deprecated('x') @cloudFunction @pragma('vm:entry-point', {'a': [1]})
/// Documented.
@sealed
class F extends CloudDartFunction {
${HANDLE}
}`,
    found: { line: 4 },
  },
  {
    it: "an annotation with comments inside",
    source: `@ /* a */ cloudFunction // b
/* class G extends CloudDartFunction {} */ class F /* c */ extends /* d */ CloudDartFunction /* e */ {
${HANDLE}
}`,
  },
  ...["base", "final", "interface", "mixin", "base mixin"].map((modifier) => ({
    it: `the modifier ${modifier}`,
    source: GOOD.replace("class", `${modifier} class`),
  })),
  {
    it: "type parameters, type arguments, mixins and interfaces",
    source: GOOD.replace(
      "class F extends CloudDartFunction",
      "class F<T extends Object> extends CloudDartFunction<Map<String, T>> with A<T>, B implements C<T>, D",
    ),
  },
  {
    it: "handle() without a return type",
    source: `@cloudFunction
class F extends CloudDartFunction {
  handle({required CloudRequest request, env}) async { return CloudResponse.text(''); }
}`,
  },
  {
    it: "handle() as a generic method with covariant annotations",
    source: `@cloudFunction
class F extends CloudDartFunction {
  @override
  @Deprecated('x')
  Future<CloudResponse> handle<T>({@a required final CloudRequest request, Map<String, String>? env = const {}}) async* {}
}`,
  },
  {
    it: "a logger in handle()",
    source: `@cloudFunction
class F extends CloudDartFunction {
  ${LOGGED}
}`,
    found: { hasLogger: true },
  },
  {
    it: "an optional logger in handle()",
    source: `@cloudFunction
class F extends CloudDartFunction {
  handle({required CloudRequest request, CloudDartFunctionLogger? logger, Map<String, String>? env}) async {}
}`,
    found: { hasLogger: true },
  },
  {
    it: "a logger elsewhere",
    source: `@cloudFunction
class F extends CloudDartFunction {
  final logger = Logger();
  void log({required Logger logger}) {}
  Future<CloudResponse> handle({required CloudRequest request, void Function(Logger logger)? env}) async {
    void inner({required Logger logger}) {}
    throw 1;
  }
}`,
  },
  {
    it: "a static member, a getter of another class named handle",
    source: `@cloudFunction
class F extends CloudDartFunction {
${HANDLE}
  static void main() {}
  int get handler => 1;
}
class G { int get handle => 1; main() {} }`,
  },
  ...[
    "F();",
    "const F();",
    "F([this.a, int b = 1]) : c = 2;",
    "F({this.a = 1, int? b}) { a; }",
    "F.new();",
    "factory F() => F._();\n F._();",
    "const factory F({int a}) = G;\n F.named(int a);",
    "F(); F.named({required this.a});",
    "factory F.new() => F.named(1); F.named(this.a);",
  ].map((constructor) => ({
    it: `a constructor to use: ${constructor.split("\n")[0]}`,
    source: GOOD.replace("{\n", `{\n  int? a; ${constructor}\n`),
  })),
  {
    it: "main.dart wherever it is, tests and tools' folders",
    source: {
      "lib/f.dart": GOOD,
      "main.dart": `void main() {}\n${GOOD}`,
      "bin/main.dart": "void main() {}",
      "test/f_test.dart": `void main() {}\n${GOOD}`,
      "test/deep/helper.dart": GOOD,
      ".dart_tool/x/y.dart": GOOD,
      "lib/.hidden.dart": GOOD,
    },
  },
  {
    it: "a project in the archive's only folder, with its tests",
    source: {
      "shop/lib/f.dart": GOOD,
      "shop/test/f_test.dart": "void main() {}",
    },
    found: { file: "shop/lib/f.dart", declaredIn: "shop/lib/f.dart" },
  },
  {
    it: "tests of one of several packages",
    source: {
      "api/lib/f.dart": GOOD,
      "api/pubspec.yaml": "name: api",
      "api/test/f_test.dart": "void main() {}",
      "core/lib/c.dart": "class C {}",
    },
    found: { file: "api/lib/f.dart", declaredIn: "api/lib/f.dart" },
  },
  {
    it: "a part of a library by URI",
    source: {
      "lib/src/f.dart": `part of '../api.dart';\n${GOOD}`,
      "lib/api.dart": `${IMPORT}\npart 'src/f.dart';\npart 'src/g.dart';`,
      "lib/src/g.dart": "part of '../api.dart';",
    },
    found: { file: "lib/api.dart", declaredIn: "lib/src/f.dart", line: 3 },
  },
  {
    it: "a part of a named library, its URI escaped and split",
    source: {
      "lib/a b.dart": `part of my.api;\n${GOOD}`,
      "lib/api.dart": "library my.api;\npart \"a%20\"\n  'b.dart';",
    },
    found: { file: "lib/api.dart", declaredIn: "lib/a b.dart", line: 3 },
  },
  {
    it: "a part that two libraries name, by what it names",
    source: {
      "lib/f.dart": `part of 'package:me/two.dart';\n${GOOD}`,
      "lib/one.dart": "part 'f.dart';",
      "lib/two.dart": "part 'package:me/f.dart';",
    },
    found: { file: "lib/two.dart", declaredIn: "lib/f.dart", line: 3 },
  },
  {
    it: "syntax errors that are the compiler's business",
    source: `${GOOD}\nvoid f() { return (1; }\nclass G { int x = ; }`,
  },
  {
    it: "labels, empty statements and abstract fields",
    source: `library;
@cloudFunction
class F extends CloudDartFunction {
  abstract final int q;
  Future<CloudResponse> handle({required CloudRequest request, Map<String, String>? env}) async {
    outer:
    for (;;) { inner: while (true) { if (x) break outer; continue inner; } }
    ;
  }
}`,
    found: { line: 3 },
  },
  {
    it: "all of Dart 3 around it",
    source: `${GOOD}
sealed class S {} final class A extends S {} class B = A with M; base mixin M on A {}
extension type const Id(int id) implements int {} extension on int {}
enum E<T> with M { a<int>(1), b(2); const E(this.x); final int x; }
(int, {String s}) r() => (1, s: ''); typedef G<T> = T Function(T, {int a});
Object o(S s) => switch (s) { A(:var x) when x > 1 => [1_000, ...?y], _ => {if (z case (int a, _)) a: #b} };
external int get e; get main => 1; int mainly = 1; class main2 { void main() {} }`,
  },
  {
    it: "a class named by other letters, in a file named so",
    source: { "lib/ü $.dart": GOOD.replace("class F", () => "class $Fn_1") },
    found: {
      className: "$Fn_1",
      file: "lib/ü $.dart",
      declaredIn: "lib/ü $.dart",
    },
  },
];

for (const { it, source, found } of CASES) {
  Deno.test(`analyze() accepts ${it}`, async () => {
    const files = typeof source === "string"
      ? { "lib/f.dart": source }
      : source;
    deepStrictEqual(await analyze(treeOf(files)), {
      className: "F",
      file: "lib/f.dart",
      declaredIn: "lib/f.dart",
      line: 2,
      hasLogger: false,
      ...found,
    });
  });
}
