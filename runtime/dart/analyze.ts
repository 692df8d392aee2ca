/** Finds the one class that is the function (spec, "User Function Requirements"). */
import type { SourceTree } from "../source_tree.ts";
import { chooseClass } from "./choose_class.ts";
import { type FileFacts, readFacts } from "./facts.ts";
import { libraryOf } from "./library.ts";
import { withSyntaxTree } from "./parser.ts";
import { refusal } from "./refusal.ts";

export interface Analysis {
  className: string;
  /** What to import: the file of the class, or the library that it is a part of. */
  file: string;
  line: number;
  /** Whether handle() takes a logger. */
  hasLogger: boolean;
}

const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** @throws {AppError} `injection_failed`, with the cause and its places */
export async function analyze(tree: SourceTree): Promise<Analysis> {
  const paths = Array.from(tree.keys()).filter(isScanned).sort();
  if (paths.length === 0) {
    throw refusal({
      sentence: "There is no .dart file besides main.dart",
      hint: "Put the class into a file such as lib/function.dart",
    });
  }
  const facts: FileFacts[] = [];
  for (const path of paths) {
    const text = decode(path, tree.get(path) ?? new Uint8Array());
    facts.push(
      await withSyntaxTree(text, path, (root) => readFacts(root, path)),
    );
  }
  const mains = facts.flatMap((file) => file.mains);
  if (mains.length > 0) {
    throw refusal({
      sentence: "There is a main() function, which is generated",
      places: mains,
      hint: "Remove main(), or rename it",
    });
  }
  const { found, handle } = chooseClass(facts);
  return {
    className: found.name,
    file: libraryOf(found.file, facts),
    line: found.line,
    hasLogger: handle.hasLogger,
  };
}

/** Tests have a main() of their own, and are no part of the function. */
function isScanned(path: string): boolean {
  return path.endsWith(".dart") && !/(^|\/)main\.dart$/.test(path) &&
    !/(^|\/)test\/.*_test\.dart$/.test(path);
}

function decode(path: string, bytes: Uint8Array): string {
  const place = { file: path, line: 1, column: 1 };
  if (bytes.length > MAX_FILE_BYTES) {
    throw refusal({
      sentence: `A file has ${bytes.length} bytes, over ${MAX_FILE_BYTES}`,
      places: [place],
      hint: "Split it, or move data into another kind of file",
    });
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusal({
      sentence: "A file is not UTF-8",
      places: [place],
      hint: "Save it as UTF-8",
    });
  }
  if (!text.includes("\0")) return text;
  throw refusal({
    sentence: "A file holds NUL characters",
    places: [place],
    hint: "Save it as plain text",
  });
}
