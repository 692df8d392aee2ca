/** The compiler's output to places in the author's files. */
import type { Diagnostic } from "../../src/contracts/error.ts";

const MAX_DIAGNOSTICS = 50;
const MAX_MESSAGE = 1_000;
const PLACED = /^(\S+\.dart):(\d+):(\d+): Error: (.*)$/;
const UNPLACED = /^(?:\S+\.dart: )?Error: (.*)$/;
/** A file or URI in a message. */
const QUOTED = /'([^'\s]+)'/g;
/** What is compiled first, and holds what has no place. */
const ENTRY = "main.dart";

/**
 * Errors as the Dart front end prints them: `path:line:column: Error: message`,
 * then advice, the line of source and a caret. What it says of the generated
 * entry or without a place counts only when no file of the author's is named.
 *
 * @param sourcePrefix Of the author's files as the compiler names them; what
 * comes before it is dropped too.
 */
export function parseCompilerOutput(
  text: string,
  sourcePrefix: string,
): Diagnostic[] {
  const authors: Diagnostic[] = [];
  const others: Diagnostic[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, path = "", row, column, placed] = PLACED.exec(line) ?? [];
    const [, unplaced] = UNPLACED.exec(line) ?? [];
    if (placed !== undefined) {
      const file = authorPath(path, sourcePrefix);
      (file === undefined ? others : authors).push({
        file: file ?? decoded(path),
        line: Number(row),
        column: Number(column),
        message: plain(placed, sourcePrefix),
      });
    } else if (unplaced !== undefined) {
      others.push({ file: ENTRY, message: plain(unplaced, sourcePrefix) });
    }
    if (authors.length >= MAX_DIAGNOSTICS) break;
  }
  return authors.length > 0 ? authors : others.slice(0, MAX_DIAGNOSTICS);
}

/** Paths come percent-encoded, and relative or absolute. */
function authorPath(path: string, prefix: string): string | undefined {
  const at = `/${path}`.indexOf(`/${prefix}`);
  return at < 0 ? undefined : decoded(path.slice(at + prefix.length));
}

function plain(message: string, prefix: string): string {
  return message
    .replaceAll(QUOTED, (quoted, path: string) => {
      const file = authorPath(path, prefix);
      return file === undefined ? quoted : `'${file}'`;
    })
    .slice(0, MAX_MESSAGE);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
