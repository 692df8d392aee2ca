/** Dart source to a syntax tree, by tree-sitter; bounded in memory. */
import { fileURLToPath } from "node:url";
// Only a package that the module graph holds resolves to a file below.
import "@repomix/tree-sitter-wasms/package.json" with { type: "json" };
import { Language, type Node, Parser } from "web-tree-sitter";
import { AppError } from "../../src/contracts/error.ts";

export type { Node };

const GRAMMAR = fileURLToPath(
  import.meta.resolve("@repomix/tree-sitter-wasms/out/tree-sitter-dart.wasm"),
);

/** What is read from the disk to parse, besides modules. */
export const PARSER_FILES = [
  GRAMMAR,
  fileURLToPath(import.meta.resolve("web-tree-sitter")),
];

const WASM_PAGE_BYTES = 64 * 1024;
const INITIAL_PAGES = 32 * 1024 * 1024 / WASM_PAGE_BYTES;
const MAX_PAGES = 512 * 1024 * 1024 / WASM_PAGE_BYTES;

let parser: Promise<Parser> | undefined;

/**
 * Gives the root of the tree to a reader, and frees the tree after.
 *
 * @throws {WebAssembly.RuntimeError} when memory ran out; the parser is of no
 * more use then
 */
export async function parseDart<Result>(
  text: string,
  read: (root: Node) => Result,
): Promise<Result> {
  const loaded = await (parser ??= load());
  const tree = loaded.parse(text);
  // Only a parser without a language, or a stopped one, gives none.
  if (!tree) throw new AppError("internal", "Cannot parse: there is no tree");
  try {
    return read(tree.rootNode);
  } finally {
    tree.delete();
  }
}

async function load(): Promise<Parser> {
  await Parser.init({
    wasmMemory: new WebAssembly.Memory({
      initial: INITIAL_PAGES,
      maximum: MAX_PAGES,
    }),
    printErr() {},
  });
  const grammar = await Deno.readFile(GRAMMAR);
  return new Parser().setLanguage(await Language.load(grammar));
}
