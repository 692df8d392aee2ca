/** The compiler's output to places in the author's files. */
import type { Diagnostic } from "../../src/contracts/error.ts";

const MAX_DIAGNOSTICS = 50;
const PLACED = /^(.+?\.dart):(\d+):(\d+): (?:Error|Warning): (.*)$/;
const UNPLACED = /^(?:.*\.dart: )?Error: (.*)$/;
const IN_MESSAGE = /'([^']+\.dart)'/;

/**
 * @param sourcePrefix Of the author's files as the compiler names them; what
 * comes before it is dropped too.
 */
export function parseCompilerOutput(
  text: string,
  sourcePrefix: string,
): Diagnostic[] {
  function authorPath(path: string): string {
    const at = path.indexOf(sourcePrefix);
    return at < 0 ? path : path.slice(at + sourcePrefix.length);
  }
  const found: Diagnostic[] = [];
  for (const line of text.split("\n")) {
    if (found.length >= MAX_DIAGNOSTICS) break;
    const placed = PLACED.exec(line);
    if (placed) {
      const [, file = "", row, column, message = ""] = placed;
      found.push({
        file: authorPath(file),
        line: Number(row),
        column: Number(column),
        message: message.replaceAll(sourcePrefix, ""),
      });
      continue;
    }
    const [, message] = UNPLACED.exec(line) ?? [];
    if (message === undefined) continue;
    const [, file = "main.dart"] = IN_MESSAGE.exec(message) ?? [];
    found.push({
      file: authorPath(file),
      message: message.replaceAll(sourcePrefix, ""),
    });
  }
  return found;
}
