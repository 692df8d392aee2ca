/** When an asynchronous invocation is tried again. */
import { z } from "zod";
import { FAILURE_KINDS } from "./invocation.ts";

const DAY_MS = 86_400_000;

/** Of one function; what is not set has its default. */
export const RetryPolicy = z.strictObject({
  /** The first one counted. With 1 nothing runs twice, whatever dies. */
  maxAttempts: z.int().min(1).max(100).default(3),
  /** Before the second attempt. */
  initialDelayMs: z.int().min(0).max(DAY_MS).default(1_000),
  /** What each delay is of the one before. */
  factor: z.number().min(1).max(10).default(2),
  maxDelayMs: z.int().min(0).max(DAY_MS).default(60_000),
  /** The part of a delay that is left to chance, 0 to 1. */
  jitter: z.number().min(0).max(1).default(0.5),
  /** Outcomes that are tried again; the others are final. */
  on: z.array(z.enum(FAILURE_KINDS)).default(["5xx", "timeout", "crash"]),
  /** No attempt starts later than this after the first could have. */
  maxAgeMs: z.int().min(1).max(7 * DAY_MS).default(6 * 3_600_000),
});
export type RetryPolicy = z.output<typeof RetryPolicy>;

export const DEFAULT_RETRY: RetryPolicy = RetryPolicy.parse({});

/**
 * How long to wait after an attempt, in milliseconds.
 *
 * @param attempt The one that failed, counted from 1.
 * @param chance 0 to 1, as `Math.random` gives it.
 */
export function retryDelay(
  { initialDelayMs, factor, maxDelayMs, jitter }: RetryPolicy,
  attempt: number,
  chance: number,
): number {
  const whole = Math.min(initialDelayMs * factor ** (attempt - 1), maxDelayMs);
  return Math.round(whole * (1 - jitter * chance));
}

/**
 * The header Retry-After (RFC 9110 §10.2.3) in milliseconds from now, if it
 * says any.
 */
export function readRetryAfter(value: unknown, now: number): number {
  if (typeof value !== "string") return 0;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
