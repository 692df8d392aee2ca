/** Errors on the wire: problem+json (RFC 9457), and the one table from code to status. */
import { z } from "zod";
import {
  AppError,
  ERROR_CODES,
  type ErrorCode,
  FAILURE_REASONS,
} from "./error.ts";
import { LogLine } from "./log.ts";

export const PROBLEM_TYPE = "application/problem+json";

export const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  injection_failed: 422,
  build_failed: 422,
  key_reused: 422,
  busy: 429,
  internal: 500,
  function_failed: 502,
  unavailable: 503,
  timeout: 504,
};

const TITLE: Record<ErrorCode, string> = {
  invalid: "Invalid input",
  unauthenticated: "Not authenticated",
  forbidden: "Not allowed",
  not_found: "Not found",
  conflict: "Conflict",
  too_large: "Too large",
  unsupported: "Unsupported format",
  injection_failed: "The code is not a cloud function",
  build_failed: "The code does not build",
  key_reused: "The Idempotency-Key is of another request",
  busy: "Busy",
  internal: "Internal error",
  function_failed: "The function gave no usable answer",
  unavailable: "Not available",
  timeout: "Timeout",
};

export const Diagnostic = z.object({
  file: z.string(),
  line: z.int().positive().optional(),
  column: z.int().positive().optional(),
  message: z.string(),
});

export const Problem = z.object({
  type: z.string().default("about:blank"),
  title: z.string().default(""),
  status: z.int().default(500),
  code: z.enum(ERROR_CODES).default("internal"),
  detail: z.string().default("Internal error"),
  hint: z.string().optional(),
  reason: z.enum(FAILURE_REASONS).optional(),
  diagnostics: z.array(Diagnostic).optional(),
  stderr: z.string().optional(),
  retryAfter: z.number().nonnegative().optional(),
  invocationId: z.string().optional(),
  logs: z.array(LogLine).optional(),
});
export type Problem = z.output<typeof Problem>;

/** What a caller is told. Of an error not thrown on purpose it says nothing. */
export function toProblem(thrown: unknown): Problem {
  const error = AppError.from(thrown);
  return {
    type: "about:blank",
    title: TITLE[error.code],
    status: STATUS[error.code],
    code: error.code,
    detail: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.reason !== undefined && { reason: error.reason }),
    ...(error.diagnostics !== undefined && { diagnostics: error.diagnostics }),
    ...(error.stderr !== undefined && { stderr: error.stderr }),
    ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
  };
}

/** The way back, in a client. A body that is no problem becomes `internal`. */
export function fromProblem(body: unknown): AppError {
  const { success, data } = Problem.safeParse(body);
  if (!success) {
    return new AppError("internal", "Cannot read the error of the server");
  }
  const { code, detail, hint, reason, diagnostics, stderr, retryAfter } = data;
  return new AppError(code, detail, {
    hint,
    reason,
    diagnostics,
    stderr,
    retryAfter,
  });
}
