/** Which of the author's files are read for classes, as text. */
import { basename } from "node:path/posix";
import type { AppError } from "../../src/contracts/error.ts";
import type { SourceTree } from "../source_tree.ts";
import { refusal } from "./refusal.ts";

export interface Source {
  path: string;
  text: string;
}

/** A file without these words holds nothing that the analysis looks for. */
const RELEVANT =
  /\b(?:CloudDartFunction|[cC]loudFunction|main|part)\b|@\s*function\b/;

/**
 * All .dart files but main.dart and what is no part of a function: the `test/`
 * folder of a project (its files have a main() of their own) and hidden folders
 * such as `.dart_tool/`.
 *
 * @param maxBytes Of a file that has to be parsed.
 * @returns only those that can matter
 * @throws {AppError} `injection_failed` when there is none, or one is no text
 */
export function scan(tree: SourceTree, maxBytes: number): Source[] {
  const tests = testFolders(tree);
  const paths = Array.from(tree.keys()).filter((path) =>
    path.endsWith(".dart") && basename(path) !== "main.dart" &&
    !/(^|\/)\./.test(path) && !tests.some((folder) => path.startsWith(folder))
  ).sort();
  if (paths.length === 0) {
    throw refusal({
      sentence: "There is no .dart file besides main.dart and tests",
      hint: "Put the class into a file such as lib/function.dart",
    });
  }
  return paths
    .map((path) => ({ path, text: decode(path, tree.get(path)) }))
    .filter(({ path, text }) => {
      if (!RELEVANT.test(text)) return false;
      if ((tree.get(path)?.length ?? 0) > maxBytes) {
        throw tooLong(path, maxBytes);
      }
      return true;
    });
}

/** `test/` beside a pubspec, at the root, or in the only top folder. */
function testFolders(tree: SourceTree): string[] {
  const roots = new Set([""]);
  const tops = new Set<string>();
  for (const path of tree.keys()) {
    tops.add(path.slice(0, path.indexOf("/") + 1));
    if (basename(path) === "pubspec.yaml") {
      roots.add(path.slice(0, path.lastIndexOf("/") + 1));
    }
  }
  if (tops.size === 1) { for (const top of tops) roots.add(top); }
  return Array.from(roots, (root) => `${root}test/`);
}

function decode(path: string, bytes: Uint8Array | undefined): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusal({
      sentence: "A file is not UTF-8 text",
      places: [{ file: path, line: 1, column: 1 }],
      hint: "Save it as UTF-8",
    });
  }
  const nul = text.indexOf("\0");
  if (nul < 0) return text;
  const before = text.slice(0, nul).split("\n");
  throw refusal({
    sentence: "A file holds a NUL character",
    places: [{
      file: path,
      line: before.length,
      column: (before.at(-1) ?? "").length + 1,
    }],
    hint: "Save it as plain text",
  });
}

function tooLong(path: string, maxBytes: number): AppError {
  return refusal({
    sentence: `A file is longer than ${maxBytes} bytes`,
    places: [{ file: path, line: 1, column: 1 }],
    hint: "Split it, or move its data into another file",
  });
}
