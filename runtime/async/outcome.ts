/** What an attempt came to, and what that makes of the invocation. */
import { z } from "zod";
import {
  type CloudResponse,
  FAILURE_STATUS,
} from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type {
  Attempt,
  DeadReason,
  FailureKind,
  InvocationRecord,
  InvocationResult,
} from "../../src/contracts/invocation.ts";
import type { InvokeReply } from "../../src/contracts/port.ts";
import { toProblem } from "../../src/contracts/problem.ts";
import {
  readRetryAfter,
  retryDelay,
  type RetryPolicy,
} from "../../src/contracts/retry.ts";

const MAX_ATTEMPTS_KEPT = 20;
const MAX_ERROR_LENGTH = 1_000;

export interface Outcome {
  failure?: FailureKind | undefined;
  /** Why, in one sentence. */
  error?: AppError | undefined;
  response?: CloudResponse | undefined;
  version?: number | undefined;
  durationMs?: number | undefined;
}

/** Nothing ran: it is no attempt. */
export interface Postponed {
  error: AppError;
  postponedMs: number;
}

const POSTPONE_MS = 1_000;

/** What the invoker's reply means. */
export function outcomeOf(reply: InvokeReply): Outcome | Postponed {
  const { version, durationMs, outcome: { response, error } } = reply;
  if (!error) {
    const failure = failureOf(response.statusCode);
    return { response, version, durationMs, failure };
  }
  if (error.code === "unavailable") return postponed(error);
  const failure = error.code === "timeout" ? "timeout" : "crash";
  return { error, failure, version, durationMs };
}

/** What a refusal of the invoker means: nothing ran. */
export function refusalOf(thrown: unknown): Postponed | undefined {
  const error = AppError.from(thrown);
  return ["busy", "unavailable"].includes(error.code)
    ? postponed(error)
    : undefined;
}

function postponed(error: AppError): Postponed {
  const seconds = error.retryAfter ?? 0;
  return { error, postponedMs: Math.max(POSTPONE_MS, seconds * 1_000) };
}

function failureOf(statusCode: number): FailureKind | undefined {
  if (statusCode >= 500) return "5xx";
  if (statusCode === 429) return "429";
  return statusCode >= FAILURE_STATUS ? "4xx" : undefined;
}

export interface Conclusion {
  policy: RetryPolicy;
  /** Milliseconds since 1970. */
  now: number;
  /** 0 to 1, as `Math.random` gives it. */
  chance: number;
  /** The answer as the record holds it. */
  result?: InvocationResult | undefined;
}

/** The record after an attempt: succeeded, failed, tried again or dead. */
export function conclude(
  running: InvocationRecord,
  outcome: Outcome,
  { policy, now, chance, result }: Conclusion,
): InvocationRecord {
  const record: InvocationRecord = {
    ...running,
    attempts: endLast(running.attempts, outcome, now),
    ...(outcome.version !== undefined && { version: outcome.version }),
    ...(result && { result }),
    ...(outcome.error && { error: toProblem(outcome.error) }),
  };
  const ended = { endedAt: new Date(now).toISOString() };
  const { failure } = outcome;
  if (failure === undefined) {
    const { error: _, ...clean } = record;
    return { ...clean, ...ended, state: "succeeded" };
  }
  if (!policy.on.includes(failure)) {
    return { ...record, ...ended, state: "failed" };
  }
  const next = now + Math.max(
    retryDelay(policy, record.attempt, chance),
    readRetryAfter(outcome.response?.headers["retry-after"], now),
  );
  const isWorthIt = record.attempt < policy.maxAttempts &&
    next - firstStart(record) <= policy.maxAgeMs;
  return isWorthIt
    ? {
      ...record,
      state: "retrying",
      notBefore: new Date(next).toISOString(),
    }
    : {
      ...record,
      ...ended,
      state: "dead",
      reason: record.attempt < policy.maxAttempts ? "expired" : "exhausted",
    };
}

/** The record before an attempt. */
export function begin(
  before: InvocationRecord,
  runtime: string,
  now: number,
): InvocationRecord {
  const { notBefore: _, endedAt: _ended, ...record } = before;
  const attempt = before.attempt + 1;
  const startedAt = new Date(now).toISOString();
  return {
    ...record,
    state: "running",
    attempt,
    attempts: [...before.attempts, { attempt, startedAt, runtime }]
      .slice(-MAX_ATTEMPTS_KEPT),
  };
}

/** Back to before the attempt: nothing ran. */
export function postpone(
  running: InvocationRecord,
  { error, postponedMs }: Postponed,
  { policy, now }: Pick<Conclusion, "policy" | "now">,
): InvocationRecord {
  const next = now + postponedMs;
  const record: InvocationRecord = {
    ...running,
    attempt: running.attempt - 1,
    attempts: running.attempts.slice(0, -1),
    error: toProblem(error),
  };
  return next - firstStart(running) <= policy.maxAgeMs
    ? {
      ...record,
      state: record.attempt > 0 ? "retrying" : "queued",
      notBefore: new Date(next).toISOString(),
    }
    : giveUp(record, "expired", error, now);
}

/** Dead before it could be tried, or for what no try can change. */
export function giveUp(
  record: InvocationRecord,
  reason: DeadReason,
  error: AppError,
  now: number,
): InvocationRecord {
  return {
    ...record,
    state: "dead",
    reason,
    error: toProblem(error),
    endedAt: new Date(now).toISOString(),
  };
}

/** When it could have run at first, in milliseconds since 1970. */
function firstStart({ createdAt, firstDue }: InvocationRecord): number {
  return Date.parse(firstDue ?? createdAt);
}

function endLast(
  attempts: Attempt[],
  { failure, error, response, version, durationMs }: Outcome,
  now: number,
): Attempt[] {
  const last = attempts.at(-1);
  if (!last) return attempts;
  const why = error?.message ?? (failure && response && saysWhy(response));
  return [...attempts.slice(0, -1), {
    ...last,
    endedAt: new Date(now).toISOString(),
    ...(version !== undefined && { version }),
    ...(durationMs !== undefined && { durationMs }),
    ...(response && { statusCode: response.statusCode }),
    ...(failure && { failure }),
    ...(why !== undefined && { error: why.slice(0, MAX_ERROR_LENGTH) }),
  }];
}

/** What a function that failed answered: the spec's `error`, or its status. */
function saysWhy({ statusCode, body }: CloudResponse): string {
  const { error } = z.object({ error: z.string() }).catch({ error: "" })
    .parse(body);
  return error || `The function answered with status ${statusCode}`;
}
