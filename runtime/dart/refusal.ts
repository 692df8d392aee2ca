/** Why a project is no cloud function: the spec's sentence, then the particular cause. */
import { AppError } from "../../src/contracts/error.ts";

/** Spec, "Injection Errors". */
export const INJECTION_FAILED =
  "Failed to inject main.dart. Ensure function has exactly one class " +
  "extending CloudDartFunction with @cloudFunction annotation.";

const MAX_DIAGNOSTICS = 50;
const MAX_LISTED = 5;
const MAX_NAME = 64;

/** Lines and columns are counted from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

export interface Cause {
  /** One sentence, without its places. */
  sentence: string;
  places?: Place[];
  hint: string;
}

export function refusal({ sentence, places = [], hint }: Cause): AppError {
  const lines = new Set(places.map(({ file, line }) => `${file}:${line}`));
  const where = list(Array.from(lines));
  return new AppError(
    "injection_failed",
    `${INJECTION_FAILED} ${sentence}${where ? ` (${where})` : ""}`,
    {
      hint,
      diagnostics: places.slice(0, MAX_DIAGNOSTICS)
        .map(({ file, line, column }) => ({
          file,
          line,
          column,
          message: sentence,
        })),
    },
  );
}

/** `A, B and 3 more`: whoever wrote the source chose how many there are. */
export function list(items: string[]): string {
  const shown = items.slice(0, MAX_LISTED).join(", ");
  const hidden = items.length - MAX_LISTED;
  return hidden > 0 ? `${shown} and ${hidden} more` : shown;
}

export function clip(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}
