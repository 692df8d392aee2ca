/** What goes into a function and comes out of it: CloudRequest and CloudResponse. */
import { z } from "zod";
import { LogLine } from "./log.ts";

/** RFC 9110 §5.6.2. */
const Token = z.string().max(256).regex(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  "is not an HTTP token",
);

/** RFC 9110 §5.5: visible characters, space and tab; no line break, no NUL. */
const HeaderValue = z.string().max(65_536).regex(
  // deno-lint-ignore no-control-regex -- Those are what it is about.
  /^[^\x00-\x08\x0a-\x1f\x7f]*$/,
  "holds a line break or another control character",
);

/** From this status on, an answer is no success. */
export const FAILURE_STATUS = 400;

function lowerCaseNames<Value>(
  headers: Record<string, Value>,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

const WITH_BASE64 = { path: ["body"], error: "is not base64" };

/** The file request.json (spec, "Request Data"), and the payload of an invoke. */
export const CloudRequest = z.object({
  method: Token.default("POST"),
  path: z.string().max(65_536).default("/"),
  headers: z.record(Token, HeaderValue).transform(lowerCaseNames).default({}),
  /** Of a repeated key, the last value. */
  query: z.record(z.string(), z.string()).default({}),
  /** Every value of every key. */
  queryAll: z.record(z.string(), z.array(z.string())).optional(),
  body: z.unknown().optional().transform((body) => body ?? null),
  /** The body is base64 of bytes that are neither JSON nor text. */
  isBase64Encoded: z.boolean().optional(),
  /** Base64 of the bytes that the body was decoded from; with webhooks. */
  rawBody: z.base64().optional(),
}).refine(hasItsBytes, WITH_BASE64);
export type CloudRequest = z.output<typeof CloudRequest>;

const Answer = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(Token, z.union([HeaderValue, z.array(HeaderValue)]))
    .transform(lowerCaseNames).default({}),
  body: z.unknown().optional().transform((body) => body ?? null),
  /** The body is base64 of bytes. */
  isBase64Encoded: z.literal(true).optional(),
  /** The body is a string that CloudResponse.json() made: it goes out in quotes. */
  encoding: z.literal("json").optional(),
});

/** The answer to an invoke (spec, "Response Data"). */
export const CloudResponse = Answer.refine(hasItsBytes, WITH_BASE64);
export type CloudResponse = z.output<typeof CloudResponse>;

/** The file result.json: an answer, and to which invocation it is one. */
export const ResultFile = Answer.extend({ invocation: z.string() })
  .refine(hasItsBytes, WITH_BASE64);

function hasItsBytes(
  { body, isBase64Encoded }: {
    body: unknown;
    isBase64Encoded?: boolean | undefined;
  },
): boolean {
  return !isBase64Encoded || isBase64(body);
}

function isBase64(body: unknown): body is string {
  return typeof body === "string" && body.length % 4 === 0 &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(body);
}

/** How the sandbox of an invocation came to be. */
export const START_KINDS = ["cold", "prewarmed", "warm"] as const;
export type StartKind = typeof START_KINDS[number];

/** What `POST /api/functions/:name/invoke` answers when the function ran. */
export const Envelope = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.unknown(),
  isBase64Encoded: z.literal(true).optional(),
  logs: z.array(LogLine),
  invocationId: z.string(),
  version: z.int().positive(),
  durationMs: z.number().nonnegative(),
  start: z.enum(START_KINDS),
});
export type Envelope = z.output<typeof Envelope>;
