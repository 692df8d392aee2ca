/** Whatever is done to a source, the analysis finds a class or refuses it. */
import { ok } from "node:assert";
import fc from "fast-check";
import { analyze } from "../../../runtime/dart/analyze.ts";
import { chooseClass } from "../../../runtime/dart/choose_class.ts";
import { readFacts } from "../../../runtime/dart/facts.ts";
import { libraryOf } from "../../../runtime/dart/library.ts";
import { parseDart } from "../../../runtime/dart/parser.ts";
import { GOOD, IMPORT, treeOf } from "../../runtime/dart/source_tree.ts";
import { edited, fuzz, orRefused } from "./fuzz.ts";

const SOURCES = [
  `${IMPORT}\n${GOOD}`,
  `part of 'a.dart';\n@A() @cf.CloudFunction()\nbase class F<T> extends cf.CloudDartFunction<T> with M {
  F({required this.a, int b = 1}) : super(); factory F.b(int x) => F(a: x); const F._();
  handle({required CloudRequest request, Logger? logger}) async { outer: for (;;) { break outer; } }
  abstract final int q; static const handle = 1; get main => "\${a['b']}";
}
class A = B with C; mixin M on F {} enum E { a, b } extension type I(int i) {}
void main(List<String> a) async {}`,
];

const TOKENS = [
  ..."(){}[]<>,;:.=@'\"$#/*?!\n\0",
  ..."class extends with mixin enum abstract sealed static get set factory"
    .split(" "),
  ..."const new required this super part library main handle _".split(" "),
  "'''",
  "/*",
  "${",
  "=>",
  "@cloudFunction",
  "CloudDartFunction",
  "\u{1F600}",
  "(".repeat(2_000),
];

const mutated = edited(SOURCES, TOKENS);

fuzz(
  "chooseClass() of mutated sources finds a class or refuses",
  mutated,
  async (source) => {
    const facts = await parseDart(source, (root) => readFacts(root, "a.dart"));
    const found = await orRefused(["injection_failed"], () => {
      const { found } = chooseClass([facts]);
      libraryOf(found.file, [facts]);
      return found;
    });
    ok(!found || (found.name && found.line >= 1 && found.column >= 1));
  },
);

const content = fc.oneof(
  mutated,
  fc.uint8Array({ maxLength: 64 }),
  fc.string({ unit: "binary", maxLength: 64 }),
);

fuzz(
  "analyze() of mutated sources and bytes finds a class or refuses",
  fc.dictionary(
    fc.constantFrom("a.dart", "lib/b.dart", "test/c.dart"),
    content,
    { maxKeys: 3 },
  ),
  async (files) => {
    const found = await orRefused(
      ["injection_failed"],
      () => analyze(treeOf(files)),
    );
    ok(!found || found.className);
  },
  50,
);
