/** Exit codes: the table that scripts may rely on. */
import type { ErrorCode } from "../contracts/error.ts";

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  refused: 5,
  functionFailed: 6,
  unavailable: 7,
} as const;

const BY_CODE: Record<ErrorCode, number> = {
  invalid: EXIT.usage,
  unauthenticated: EXIT.auth,
  forbidden: EXIT.auth,
  not_found: EXIT.notFound,
  conflict: EXIT.failure,
  too_large: EXIT.refused,
  unsupported: EXIT.refused,
  injection_failed: EXIT.refused,
  build_failed: EXIT.refused,
  key_reused: EXIT.refused,
  busy: EXIT.unavailable,
  internal: EXIT.failure,
  function_failed: EXIT.functionFailed,
  unavailable: EXIT.unavailable,
  timeout: EXIT.functionFailed,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code];
}

export const EXIT_HELP = `
Exit codes: 0 ok, 1 failure, 2 usage or input, 3 not found, 4 key,
5 refused by limits, analysis or build, 6 function failed or timed out,
7 not available or busy.`;
