/** A subject trigger: which NATS messages it takes. */
import { z } from "zod";

/** What a caller may set. */
export const subscriptionShape = {
  type: z.literal("subject"),
  /** May hold the wildcards `*` and `>`. */
  subject: z.string().min(1).max(256).regex(
    /^[^\s.]+(?:\.[^\s.]+)*$/,
    "is not a NATS subject",
  ),
  /** The stream to consume from; absent: core NATS, at most once. */
  stream: z.string().min(1).max(64).regex(
    /^[A-Za-z0-9_-]+$/,
    "is not the name of a stream",
  ).optional(),
};
