/** What is asked for and is not there, told alike by gateway and runtime. */
import { AppError } from "./error.ts";

export function noFunction(ref: string): AppError {
  return new AppError("not_found", `Cannot find function "${ref}"`, {
    hint: "List what is deployed: ./oche list (GET /api/functions)",
  });
}

/**
 * @param version The one that was meant; null where none serves.
 * @param status Of that one, if there is one.
 */
export function notReady(
  name: string,
  { version, status, hint }: {
    version: number | null;
    status: string | undefined;
    hint: string;
  },
): AppError {
  return new AppError(
    "not_found",
    version === null
      ? `Cannot invoke "${name}": no version is ready`
      : `Cannot invoke version ${version} of "${name}": it is ${
        status ?? "unknown"
      }`,
    { hint },
  );
}
