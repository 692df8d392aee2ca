/** What the compiler refused, as an error that names the author's places. */
import { AppError } from "../../src/contracts/error.ts";
import { parseCompilerOutput } from "../dart/diagnostics.ts";
import { SOURCE_PREFIX } from "./build_folder.ts";

const MAX_STDERR_CHARS = 4_096;

export function compileError(output: string): AppError {
  const diagnostics = parseCompilerOutput(output, SOURCE_PREFIX);
  const [first] = diagnostics;
  const where = first
    ? `${first.file}${
      first.line ? `:${first.line}:${first.column ?? 1}` : ""
    }: ${first.message}`
    : output.trim().split("\n")[0] || "the compiler gave no reason";
  const more = diagnostics.length > 1
    ? ` (and ${diagnostics.length - 1} more)`
    : "";
  return new AppError("build_failed", `Cannot compile: ${where}${more}`, {
    diagnostics,
    hint: hintOf(output, first !== undefined),
    stderr: first ? undefined : output.slice(0, MAX_STDERR_CHARS),
  });
}

function hintOf(output: string, isPlaced: boolean): string {
  if (/Couldn't resolve the package/.test(output)) {
    return "Packages of a registry need the dart image: OCHE_DART=image";
  }
  return isPlaced
    ? "Mend what is named, then deploy again"
    : "See what the compiler wrote, then deploy again";
}
