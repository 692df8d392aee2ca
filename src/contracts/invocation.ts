/** Asynchronous invocations: what is submitted, and what is known of one. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { CloudRequest, CloudResponse } from "./cloud.ts";
import { Problem } from "./problem.ts";

/** A token of a subject: what an invocation may be called. */
export const InvocationId = z.string().regex(
  /^[A-Za-z0-9_-]{1,64}$/,
  "must hold 1 to 64 of A-Z, a-z, 0-9, _ and -",
);

/** Who asked for an invocation. */
export const SOURCE_TYPES = [
  "http",
  "webhook",
  "cron",
  "subject",
  "chain",
  "event",
] as const;

export const InvocationSource = z.object({
  type: z.enum(SOURCE_TYPES),
  /** The id of the trigger, where one asked. */
  trigger: z.string().max(64).optional(),
});
export type InvocationSource = z.output<typeof InvocationSource>;

/** Whom the outcome is told to, once there is one. */
export const CallbackTarget = z.object({
  /** POSTed to, signed as Standard Webhooks says. */
  url: z.string().max(2_048).optional(),
  /** Published on. */
  subject: z.string().max(256).optional(),
});
export type CallbackTarget = z.output<typeof CallbackTarget>;

/** 9 is served first. */
export const Priority = z.int().min(0).max(9);

export const AsyncSubmission = z.object({
  functionId: z.uuid(),
  request: CloudRequest,
  /** Random unless said; the same one again does not run again. */
  invocationId: InvocationId.optional(),
  source: InvocationSource,
  /** A version instead of the one that is current when it runs. */
  version: z.int().positive().optional(),
  traceparent: z.string().max(256).optional(),
  /** Invocations that led to this one, one by another. */
  hops: z.int().nonnegative().optional(),
  /** Not to start before, in milliseconds since 1970. */
  notBefore: z.int().nonnegative().optional(),
  priority: Priority.optional(),
  /** Instead of what the function's settings find in the request. */
  concurrencyKey: z.string().max(256).optional(),
  callback: CallbackTarget.optional(),
  /** Ids of the invocations that this one repeats, oldest first. */
  redriveOf: z.array(InvocationId).max(100).optional(),
  /** With an Idempotency-Key: what tells its request from others. */
  requestHash: z.string().max(64).optional(),
});
export type AsyncSubmission = z.output<typeof AsyncSubmission>;

/**
 * `queued` and `retrying` wait, `running` runs; the others are last states:
 * `failed` had an outcome that is not tried again, `dead` used up its attempts
 * and lies in the dead letters.
 */
export const INVOCATION_STATES = [
  "queued",
  "running",
  "retrying",
  "succeeded",
  "failed",
  "cancelled",
  "dead",
] as const;
export type InvocationState = typeof INVOCATION_STATES[number];

/** Whether nothing will change any more. */
export function hasEnded(state: InvocationState): boolean {
  return !["queued", "running", "retrying"].includes(state);
}

/** What kinds of outcome there are beside an answer below 400. */
export const FAILURE_KINDS = ["5xx", "4xx", "429", "timeout", "crash"] as const;
export type FailureKind = typeof FAILURE_KINDS[number];

/** Why one lies in the dead letters. */
export const DEAD_REASONS = [
  /** Every attempt that the policy allows has failed. */
  "exhausted",
  /** It could not be run within the policy's maximum age. */
  "expired",
  /** The function was deleted. */
  "function_removed",
  /** There is no such version, or none that is ready. */
  "no_version",
  /** The message cannot be read. */
  "unreadable",
] as const;
export type DeadReason = typeof DEAD_REASONS[number];

/** One try. Times are ISO 8601, UTC. */
export const Attempt = z.object({
  /** Counted from 1; the function sees it as the header `oche-attempt`. */
  attempt: z.int().positive(),
  startedAt: z.string(),
  /** The runtime that took it. */
  runtime: z.string(),
  endedAt: z.string().optional(),
  version: z.int().positive().optional(),
  durationMs: z.number().nonnegative().optional(),
  /** What the function answered, when it did. */
  statusCode: z.int().optional(),
  failure: z.enum(FAILURE_KINDS).optional(),
  error: z.string().optional(),
});
export type Attempt = z.output<typeof Attempt>;

/** The function's answer; a large body lies in the object store instead. */
export const InvocationResult = z.object({
  statusCode: z.int(),
  headers: CloudResponse.shape.headers,
  body: z.unknown().optional(),
  isBase64Encoded: z.literal(true).optional(),
  encoding: z.literal("json").optional(),
  /** Of the body on the wire. */
  bytes: z.int().nonnegative(),
  /** The body is not here: `GET /api/invocations/:id/result` has it. */
  isStored: z.literal(true).optional(),
});
export type InvocationResult = z.output<typeof InvocationResult>;

export const CallbackState = CallbackTarget.extend({
  status: z.enum(["pending", "delivered", "failed"]),
  attempts: z.int().nonnegative(),
  nextAt: z.string().optional(),
  error: z.string().optional(),
});
export type CallbackState = z.output<typeof CallbackState>;

/** What is known of an asynchronous invocation. Times are ISO 8601, UTC. */
export const InvocationRecord = z.object({
  id: InvocationId,
  functionId: z.uuid(),
  state: z.enum(INVOCATION_STATES),
  /** The last attempt's number; 0 before the first. */
  attempt: z.int().nonnegative(),
  /** The newest 20, oldest first. */
  attempts: z.array(Attempt),
  source: InvocationSource,
  /** When it was accepted. */
  createdAt: z.string(),
  /** When it starts, or starts again, at the earliest. */
  notBefore: z.string().optional(),
  /** When it could start at first, if that was later than `createdAt`. */
  firstDue: z.string().optional(),
  endedAt: z.string().optional(),
  version: z.int().positive().optional(),
  result: InvocationResult.optional(),
  /** Why there is no result, or why it was the last one. */
  error: Problem.optional(),
  /** With `dead`. */
  reason: z.enum(DEAD_REASONS).optional(),
  /** With `cancelled`, when a newer one of its key took its place. */
  supersededBy: InvocationId.optional(),
  /** Where its log lines are. */
  logs: z.string().optional(),
  callback: CallbackState.optional(),
  redriveOf: z.array(InvocationId).optional(),
  hops: z.int().nonnegative().optional(),
  requestHash: z.string().optional(),
});
export type InvocationRecord = z.output<typeof InvocationRecord>;

export const InvocationQuery = z.object({
  state: z.enum(INVOCATION_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  /** What the page before gave as `next`. */
  cursor: z.string().max(128).optional(),
});
export type InvocationQuery = z.output<typeof InvocationQuery>;

/** Newest first. */
export const InvocationPage = z.object({
  invocations: z.array(InvocationRecord),
  next: z.string().optional(),
});
export type InvocationPage = z.output<typeof InvocationPage>;

/** Work that outlives whoever asked for it. */
export interface AsyncInvocations {
  /**
   * Durable when it returns.
   *
   * @throws {AppError} `not_found` without such a function, `invalid`,
   * `busy` when the queue is full, `unavailable` without NATS
   */
  submit(
    submission: AsyncSubmission,
  ): Promise<{ invocationId: string; duplicate: boolean }>;
  find(id: string): Promise<InvocationRecord | undefined>;
  /** The whole answer of one that has ended. @throws {AppError} `not_found` */
  result(id: string): Promise<CloudResponse>;
  /**
   * What is queued never runs; what runs is ended.
   *
   * @throws {AppError} `not_found`, `conflict` when it has ended
   */
  cancel(id: string): Promise<InvocationRecord>;
  list(functionId: string, query: InvocationQuery): Promise<InvocationPage>;
}

/** The object that holds an answer too large for its record. */
export function resultName(id: string): string {
  return `result.${id}`;
}

/** The same parts give the same id, in the shape of a UUID (RFC 9562 §5.8). */
export function invocationIdOf(...parts: string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts))
    .digest("hex");
  const variant = (parseInt(hash.charAt(16), 16) & 0x3 | 0x8).toString(16);
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}
