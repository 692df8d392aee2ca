/** Finds the one class that is the function (spec, "User Function Requirements"). */
import type { SourceTree } from "../source_tree.ts";
import { chooseClass } from "./choose_class.ts";
import { readAllFacts } from "./facts_reader.ts";
import { libraryOf } from "./library.ts";
import { refusal } from "./refusal.ts";
import { scan } from "./scan.ts";

export interface Analysis {
  className: string;
  /** What to import: the file of the class, or the library that it is a part of. */
  file: string;
  /** Where the class is declared. */
  declaredIn: string;
  /** Counted from 1, in `declaredIn`. */
  line: number;
  /** Whether handle() takes a logger. */
  hasLogger: boolean;
}

export interface AnalysisLimits {
  /** Of a .dart file that has to be parsed, in bytes. */
  sourceBytes: number;
  /** For all files together, in milliseconds. */
  analysisMs: number;
}

export const DEFAULT_ANALYSIS_LIMITS: AnalysisLimits = {
  sourceBytes: 1024 * 1024,
  analysisMs: 10_000,
};

/** @throws {AppError} `injection_failed`, with the cause and its places */
export async function analyze(
  tree: SourceTree,
  limits: Partial<AnalysisLimits> = {},
): Promise<Analysis> {
  const { sourceBytes, analysisMs } = { ...DEFAULT_ANALYSIS_LIMITS, ...limits };
  const facts = await readAllFacts(scan(tree, sourceBytes), analysisMs);
  const mains = facts.flatMap((file) => file.mains);
  if (mains.length > 0) {
    throw refusal({
      sentence: "The code declares main(), which is generated",
      places: mains,
      hint: "Remove main(), or move it to a file named main.dart",
    });
  }
  const { found, handle } = chooseClass(facts);
  return {
    className: found.name,
    file: libraryOf(found.file, facts),
    declaredIn: found.file,
    line: found.line,
    hasLogger: handle.hasLogger,
  };
}
