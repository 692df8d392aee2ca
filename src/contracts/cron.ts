/** A cron trigger: when it fires. */
import { z } from "zod";

/** What a caller may set. */
export const cronShape = {
  type: z.literal("cron"),
  /** Five fields, or six with seconds first. */
  expression: z.string().min(1).max(256),
  /** An IANA name. */
  timeZone: z.string().min(1).max(64).default("UTC"),
  /** What becomes of runs that were due while nothing ran here. */
  missed: z.enum(["skip", "once", "all"]).default("skip"),
  /** What happens when the run before has not ended. */
  overlap: z.enum(["allow", "skip", "queue"]).default("allow"),
  /** A run starts up to so much later, at random, in milliseconds. */
  jitterMs: z.int().min(0).max(3_600_000).default(0),
  /** What the function gets as the body; absent: the times. */
  body: z.json().optional(),
};

/** `GET …/triggers/:trigger/next`. */
export const NextQuery = z.object({
  count: z.coerce.number().int().min(1).max(100).default(5),
});

/** Times, oldest first, in ISO 8601 (UTC). */
export const NextTimes = z.object({ next: z.array(z.string()) });
export type NextTimes = z.output<typeof NextTimes>;

/** What is remembered of a cron trigger between two looks. Times in milliseconds since 1970. */
export const CronState = z.object({
  /** Every time up to this one is dealt with, or waits. */
  settled: z.number(),
  /** Times that are due and not handed over yet, oldest first. */
  waiting: z.array(z.number()),
  /** The invocation of the newest time that was handed over. */
  invocation: z.string().optional(),
  /** The gateway that deals with it, and until when nobody else does. */
  claim: z.object({ by: z.string(), until: z.number() }).optional(),
});
export type CronState = z.output<typeof CronState>;

/** The states, each written only by who has read what is there. */
export interface CronStates {
  read(id: string): Promise<{ value: CronState; revision: number } | undefined>;
  /**
   * @param revision What was read; absent where there was nothing.
   * @returns the new revision, or undefined when somebody else was faster
   */
  write(
    id: string,
    value: CronState,
    revision: number | undefined,
  ): Promise<number | undefined>;
  /** Of the triggers that a state is there for. */
  ids(): Promise<string[]>;
  /** Nothing if it is gone. */
  remove(id: string): Promise<void>;
}
