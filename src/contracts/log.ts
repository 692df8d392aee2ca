/** Log lines of a function, as logs.json and the log stream hold them. */
import { z } from "zod";

export const LOG_LEVELS = ["debug", "info", "error"] as const;

export const LogLine = z.object({
  level: z.enum(LOG_LEVELS).catch("info"),
  message: z.string(),
  /** ISO 8601, UTC. */
  timestamp: z.string().max(40),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type LogLine = z.output<typeof LogLine>;

/** The file logs.json (spec, "Function Logs"). */
export const LogFile = z.object({
  /** Whose lines they are. */
  invocation: z.string().optional(),
  logs: z.array(LogLine),
});

/** What one invocation logged: a message of the log stream. */
export const LogBatch = z.object({
  functionId: z.uuid(),
  version: z.int().positive(),
  invocationId: z.string(),
  lines: z.array(LogLine),
});
export type LogBatch = z.output<typeof LogBatch>;

/** A line with where it came from, as the API lists it. */
export const LogEntry = LogLine.extend({
  invocationId: z.string(),
  version: z.int().positive(),
});
export type LogEntry = z.output<typeof LogEntry>;

export const LogList = z.object({ logs: z.array(LogEntry) });

export const LogQuery = z.object({
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  version: z.coerce.number().int().positive().optional(),
  invocation: z.string().max(64).optional(),
});
export type LogQuery = z.output<typeof LogQuery>;
