/** Dart source to a syntax tree, by tree-sitter; bounded in time and memory. */
// Only a package that the module graph holds resolves to a file below.
import "@repomix/tree-sitter-wasms/package.json" with { type: "json" };
import { Language, type Node, Parser } from "web-tree-sitter";

export type { Node };

const GRAMMAR = "@repomix/tree-sitter-wasms/out/tree-sitter-dart.wasm";
const WASM_PAGE_BYTES = 64 * 1024;
const INITIAL_PAGES = 32 * 1024 * 1024 / WASM_PAGE_BYTES;
const MAX_PAGES = 512 * 1024 * 1024 / WASM_PAGE_BYTES;

let parser: Promise<Parser> | undefined;

/**
 * Gives the root of the tree to a reader, and frees the tree after.
 *
 * @param until When to give up, by `performance.now()`.
 * @returns undefined when it was given up
 * @throws {WebAssembly.RuntimeError} when memory ran out; the parser of this
 * thread is of no more use then
 */
export async function parseDart<Result>(
  text: string,
  until: number,
  read: (root: Node) => Result,
): Promise<Result | undefined> {
  const loaded = await (parser ??= load());
  loaded.reset();
  const tree = loaded.parse(text, undefined, {
    progressCallback: () => performance.now() > until,
  });
  if (!tree) return undefined;
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
  const grammar = await Deno.readFile(new URL(import.meta.resolve(GRAMMAR)));
  return new Parser().setLanguage(await Language.load(grammar));
}
