/** A subject trigger: which NATS messages it takes, and how. */
import { z } from "zod";

const Subject = z.string().min(1).max(256).regex(
  /^[^\s.]+(?:\.[^\s.]+)*$/,
  "is not a NATS subject",
);

/** What a caller may set. */
export const subscriptionShape = {
  type: z.literal("subject"),
  /** One or several; they may hold the wildcards `*` and `>`. */
  subject: z.union([Subject, z.array(Subject).min(1).max(16)]),
  /** The stream to consume from; absent: core NATS, at most once. */
  stream: z.string().min(1).max(64).regex(
    /^[A-Za-z0-9_-]+$/,
    "is not the name of a stream",
  ).optional(),
  /** Headers that a message must have with that value, or `*` for any. */
  filter: z.record(z.string().min(1).max(256), z.string().max(1_024))
    .default({}),
  /** Messages that make one invocation, whose body is the list of them. */
  batch: z.strictObject({
    size: z.int().min(2).max(1_000),
    /** How long the first of them waits for the others, in milliseconds. */
    waitMs: z.int().min(1).max(60_000).default(1_000),
  }).optional(),
  /** What goes to a message's reply subject: the whole answer, or its body. */
  reply: z.enum(["response", "body"]).default("response"),
  /** Invocations at once on each gateway. */
  concurrency: z.int().min(1).max(256).default(8),
  /** With a stream: where a new trigger begins. */
  deliver: z.enum(["new", "all"]).default("new"),
  /** With a stream: deliveries of a message, until it is a dead letter. */
  maxDeliver: z.int().min(1).max(100).default(5),
  /** With a stream: before the second delivery, doubled with each. */
  backoffMs: z.int().min(1).max(3_600_000).default(1_000),
};
