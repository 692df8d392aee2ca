/** Whatever is done to a source, the analysis finds a class or refuses it. */
import { ok } from "node:assert";
import fc from "fast-check";
import { analyze } from "../../../runtime/dart/analyze.ts";
import { chooseClass } from "../../../runtime/dart/choose_class.ts";
import { readFacts } from "../../../runtime/dart/facts.ts";
import { libraryOf } from "../../../runtime/dart/library.ts";
import { parseDart } from "../../../runtime/dart/parser.ts";
import { AppError } from "../../../src/contracts/error.ts";
import { GOOD, IMPORT, treeOf } from "./source_tree.ts";

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

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 40 }),
  inserted: fc.array(fc.constantFrom(...TOKENS), { maxLength: 4 }),
});

const mutated = fc.tuple(
  fc.constantFrom(...SOURCES),
  fc.array(edit, { minLength: 1, maxLength: 8 }),
).map(([source, edits]) =>
  edits.reduce((text, { at, removed, inserted }) => {
    const start = Math.floor(at * text.length);
    return text.slice(0, start) + inserted.join(" ") +
      text.slice(start + removed);
  }, source)
);

function refusedOrRethrown(error: unknown): undefined {
  if (!(error instanceof AppError && error.code === "injection_failed")) {
    throw error;
  }
}

Deno.test("chooseClass() of mutated sources finds a class or refuses", async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async (text) => {
      const facts = await parseDart(
        text,
        (root) => readFacts(root, "a.dart"),
      );
      try {
        const { found } = chooseClass([facts]);
        libraryOf(found.file, [facts]);
        ok(found.name && found.line >= 1 && found.column >= 1);
      } catch (error) {
        refusedOrRethrown(error);
      }
    }),
    { numRuns: 1_000, interruptAfterTimeLimit: 2_000 },
  );
});

Deno.test("analyze() of mutated sources and bytes finds a class or refuses", async () => {
  const content = fc.oneof(
    mutated,
    fc.uint8Array({ maxLength: 64 }),
    fc.string({ unit: "binary", maxLength: 64 }),
  );
  const path = fc.constantFrom("a.dart", "lib/b.dart", "test/c.dart");
  const project = fc.dictionary(path, content, { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(project, async (files) => {
      const found = await analyze(treeOf(files)).catch(refusedOrRethrown);
      ok(!found || found.className);
    }),
    { numRuns: 20, interruptAfterTimeLimit: 2_000 },
  );
});
