/** Dead letters: asynchronous invocations that were given up. */
import { z } from "zod";
import { AsyncMessage } from "./async_queue.ts";
import { DEAD_REASONS, InvocationId, InvocationRecord } from "./invocation.ts";

/** A message of `functions.dead.<uuid>.<id>`. */
export const DeadLetter = z.object({
  id: InvocationId,
  functionId: z.string().max(64),
  reason: z.enum(DEAD_REASONS),
  /** ISO 8601, UTC. */
  deadAt: z.string(),
  /** How often it was tried. */
  attempts: z.int().nonnegative(),
  lastError: z.string().optional(),
  /** Where its log lines are. */
  logs: z.string().optional(),
  record: InvocationRecord.optional(),
  /** What was asked; absent when it cannot be read. */
  message: AsyncMessage.optional(),
});
export type DeadLetter = z.output<typeof DeadLetter>;

/** A letter as lists show it: without what was asked. */
export const DeadSummary = DeadLetter.omit({ record: true, message: true })
  .extend({
    /** The function's name, while it exists. */
    function: z.string().optional(),
  });
export type DeadSummary = z.output<typeof DeadSummary>;

export const DeadFilter = z.object({
  /** Name or id of a function. */
  function: z.string().max(64).optional(),
  reason: z.enum(DEAD_REASONS).optional(),
  /** Dead for at least so long, in milliseconds. */
  olderThanMs: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
export type DeadFilter = z.output<typeof DeadFilter>;

/** What a redrive or a drop of many answers. */
export const DeadBulk = z.object({
  /** How many were found and handled. */
  done: z.int().nonnegative(),
  /** Whether there are more of the filter. */
  more: z.boolean(),
});
export type DeadBulk = z.output<typeof DeadBulk>;

/** Oldest first. */
export const DeadList = z.object({
  letters: z.array(DeadSummary),
  more: z.boolean(),
});

export interface DeadLetters {
  /** Again is harmless. */
  add(letter: DeadLetter): Promise<void>;
  find(id: string): Promise<DeadLetter | undefined>;
  /** Oldest first; at most `limit`, and whether there are more. */
  list(
    filter: Omit<DeadFilter, "function"> & { functionId?: string | undefined },
  ): Promise<{ letters: DeadLetter[]; more: boolean }>;
  /** Nothing if it is gone. */
  remove(id: string): Promise<void>;
}
