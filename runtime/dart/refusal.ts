/** Why a project is no cloud function: the spec's sentence, then the particular cause. */
import { AppError } from "../../src/contracts/error.ts";
import type { Place } from "./facts.ts";

/** Spec, "Injection Errors". */
export const INJECTION_FAILED =
  "Failed to inject main.dart. Ensure function has exactly one class " +
  "extending CloudDartFunction with @cloudFunction annotation.";

export interface Cause {
  /** One sentence, without its places. */
  sentence: string;
  places?: Place[];
  hint: string;
}

export function refusal({ sentence, places = [], hint }: Cause): AppError {
  const where = places.map(({ file, line }) => `${file}:${line}`).join(", ");
  return new AppError(
    "injection_failed",
    `${INJECTION_FAILED} ${sentence}${where ? ` (${where})` : ""}`,
    {
      hint,
      diagnostics: places.map(({ file, line, column }) => ({
        file,
        line,
        column,
        message: sentence,
      })),
    },
  );
}
