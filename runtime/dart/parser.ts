/** Dart source to a syntax tree, by tree-sitter; bounded in time. */
import "@repomix/tree-sitter-wasms/package.json" with { type: "json" };
import { Language, type Node, Parser } from "web-tree-sitter";
import { AppError } from "../../src/contracts/error.ts";

export type { Node };

const GRAMMAR = "@repomix/tree-sitter-wasms/out/tree-sitter-dart.wasm";
const PARSE_MS = 5_000;

let parser: Promise<Parser> | undefined;

async function load(): Promise<Parser> {
  await Parser.init();
  const grammar = new URL(import.meta.resolve(GRAMMAR));
  const made = new Parser();
  made.setLanguage(await Language.load(await Deno.readFile(grammar)));
  return made;
}

/**
 * Gives the tree to a reader, and frees it after.
 *
 * @throws {AppError} `injection_failed` when it takes too long
 */
export async function withSyntaxTree<Result>(
  text: string,
  path: string,
  read: (root: Node) => Result,
): Promise<Result> {
  parser ??= load();
  const until = performance.now() + PARSE_MS;
  const tree = (await parser).parse(text, undefined, {
    progressCallback: () => performance.now() > until,
  });
  if (!tree) {
    (await parser).reset();
    throw new AppError("injection_failed", `Cannot parse "${path}" in time`, {
      hint: "Split the file, or nest less deeply",
    });
  }
  try {
    return read(tree.rootNode);
  } finally {
    tree.delete();
  }
}
