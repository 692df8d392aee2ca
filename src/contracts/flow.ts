/** Flow control of a function's asynchronous invocations. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { CloudRequest } from "./cloud.ts";
import { Priority } from "./invocation.ts";
import { RetryPolicy } from "./retry.ts";

const DAY_MS = 86_400_000;

/** `header:<name>`, `query:<name>` or `body:<field>.<field>…`. */
export const KeyExpression = z.string().max(256).regex(
  /^(?:header:[!#$%&'*+.^_`|~0-9A-Za-z-]+|query:.+|body:[^.]+(?:\.[^.]+)*)$/,
  "must be header:<name>, query:<name> or body:<field>.<field>",
);

/** What a function's settings may say of asynchronous invocations. */
export const FLOW_SETTINGS = {
  retry: RetryPolicy.optional(),
  /** Where a request names whose it is. */
  concurrencyKey: KeyExpression.optional(),
  /** Of one key at once on all runtimes together; 1 unless set. */
  keyConcurrency: z.int().min(1).max(1_000).optional(),
  /** Starts at most so many in any interval, on all runtimes together. */
  rate: z.strictObject({
    limit: z.int().min(1).max(1_000),
    intervalMs: z.int().min(1).max(DAY_MS),
  }).optional(),
  /** Starts so long after the newest of its key; the older ones never do. */
  debounceMs: z.int().min(1).max(DAY_MS).optional(),
  /** 9 is served first; 5 unless set. */
  priority: Priority.optional(),
} as const;

export const DEFAULT_PRIORITY = 5;

/** What the expression finds in a request; undefined where there is nothing. */
export function flowKey(
  expression: string,
  { headers, query, body }: CloudRequest,
): string | undefined {
  const at = expression.indexOf(":");
  const name = expression.slice(at + 1);
  switch (expression.slice(0, at)) {
    case "header":
      return headers[name.toLowerCase()];
    case "query":
      return Object.hasOwn(query, name) ? query[name] : undefined;
    default:
      return asKey(name.split(".").reduce(field, body));
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function asKey(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A key of any length and letters as a token of a subject. */
export function keyToken(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
