/** The variables that the spec names, as .env.config holds them. */
import { INSIDE_ROOT } from "../exchange/directory.ts";
import type { RuntimeSettings } from "../settings.ts";

/** They win over the author's own. */
export function specVariables(
  { timeoutMs }: RuntimeSettings,
  { memoryMb }: { memoryMb: number },
  path: string,
): Record<string, string> {
  return {
    DART_CLOUD_RESTRICTED: "true",
    FUNCTION_TIMEOUT_MS: String(timeoutMs),
    FUNCTION_MAX_MEMORY_MB: String(memoryMb),
    SHARED_PATH: `${INSIDE_ROOT}/${path}`,
  };
}
