/** The one error type that crosses a boundary: HTTP, NATS or a terminal. */

export const ERROR_CODES = [
  "invalid",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "too_large",
  "unsupported",
  "injection_failed",
  "build_failed",
  "key_reused",
  "busy",
  "internal",
  "function_failed",
  "unavailable",
  "timeout",
] as const;

export type ErrorCode = typeof ERROR_CODES[number];

/** Why a sandbox gave no usable answer; goes with `function_failed`. */
export const FAILURE_REASONS = [
  "oom",
  "crash",
  "no_result",
  "bad_result",
] as const;

export type FailureReason = typeof FAILURE_REASONS[number];

/** A place in the author's source that an error speaks of. */
export interface Diagnostic {
  /** Path inside the archive. */
  file: string;
  /** Counted from 1. */
  line?: number | undefined;
  /** Counted from 1. */
  column?: number | undefined;
  message: string;
}

export interface AppErrorOptions {
  /** What the caller can do about it, in one sentence. */
  hint?: string | undefined;
  /** With `function_failed`. */
  reason?: FailureReason | undefined;
  /** Places in the author's source, with `injection_failed` and `build_failed`. */
  diagnostics?: Diagnostic[] | undefined;
  /** The last lines that the sandbox wrote to its standard error. */
  stderr?: string | undefined;
  /** With `busy`: seconds after which a new try is worth it. */
  retryAfter?: number | undefined;
  /** With `unavailable`: it may have been carried out. Within a program only. */
  isUncertain?: boolean;
  cause?: unknown;
}

export class AppError extends Error {
  override readonly name = "AppError";
  readonly hint: string | undefined;
  readonly reason: FailureReason | undefined;
  readonly diagnostics: Diagnostic[] | undefined;
  readonly stderr: string | undefined;
  readonly retryAfter: number | undefined;
  readonly isUncertain: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.reason = options.reason;
    this.diagnostics = options.diagnostics;
    this.stderr = options.stderr;
    this.retryAfter = options.retryAfter;
    this.isUncertain = options.isUncertain ?? false;
  }

  /** Wraps anything thrown. What was not an `AppError` says nothing outside. */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown;
    if (isSilence(thrown)) return silent(thrown);
    return new AppError("internal", "Internal error", { cause: thrown });
  }
}

/** JetStream answers nothing while it cannot write, as on a full disk. */
function isSilence(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "TimeoutError" &&
    !(thrown instanceof DOMException);
}

function silent(cause: unknown): AppError {
  return new AppError(
    "unavailable",
    "Cannot wait longer: what keeps the state does not answer",
    {
      hint: "Look at the log of NATS, and whether its disk is full",
      retryAfter: 5,
      cause,
    },
  );
}
