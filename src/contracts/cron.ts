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
  overlap: z.enum(["allow", "skip"]).default("allow"),
  /** A run starts up to so much later, at random, in milliseconds. */
  jitterMs: z.int().min(0).max(3_600_000).default(0),
};
