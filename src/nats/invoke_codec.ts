/** An invocation as NATS messages: options as headers, the reply as JSON. */
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { z } from "zod";
import { isResponseAsIs } from "../contracts/as_is.ts";
import { CloudResponse, START_KINDS } from "../contracts/cloud.ts";
import { Deadline, VersionNumber, WholeNumber } from "../contracts/header.ts";
import { jsonOf } from "../contracts/json_source.ts";
import { LogLine } from "../contracts/log.ts";
import { parse, parseJson } from "../contracts/parse.ts";
import type { InvokeOptions, InvokeReply } from "../contracts/port.ts";
import {
  fromProblem,
  Problem,
  PROBLEM_TYPE,
  toProblem,
} from "../contracts/problem.ts";
import { HEADER } from "./subject.ts";

const OptionHeaders = z.object({
  version: VersionNumber.optional(),
  deadline: Deadline.optional(),
  idempotencyKey: z.string().max(256).optional(),
  traceparent: z.string().max(256).optional(),
  hops: WholeNumber.optional(),
  include: z.string().max(64).optional(),
});

const ReplyHeaders = z.object({
  invocationId: z.string().min(1),
  version: z.coerce.number().int().positive(),
  durationMs: z.coerce.number().nonnegative(),
  waitMs: z.coerce.number().nonnegative().default(0),
  startMs: z.coerce.number().nonnegative().optional(),
  start: z.enum(START_KINDS),
});

const OPTION_FIELDS = byHeader({
  version: HEADER.version,
  deadline: HEADER.deadline,
  idempotencyKey: HEADER.idempotencyKey,
  traceparent: HEADER.traceparent,
  hops: HEADER.hops,
  include: HEADER.include,
});

const REPLY_FIELDS = byHeader({
  invocationId: HEADER.invocationId,
  version: HEADER.version,
  durationMs: HEADER.durationMs,
  waitMs: HEADER.waitMs,
  startMs: HEADER.startMs,
  start: HEADER.start,
});

const ReplyBody = CloudResponse.and(
  z.object({ logs: z.array(LogLine).optional() }),
);

/** Such a number is what the schema would make of it. */
const PLAIN_NUMBER = /^[1-9]\d{0,8}$/;

export function writeOptions(options: InvokeOptions): MsgHdrs {
  const h = headers();
  if (options.version) h.append(HEADER.version, String(options.version));
  // Zero has passed too.
  if (options.deadline !== undefined) {
    h.append(HEADER.deadline, String(options.deadline));
  }
  if (options.idempotencyKey) {
    h.append(HEADER.idempotencyKey, options.idempotencyKey);
  }
  if (options.traceparent) h.append(HEADER.traceparent, options.traceparent);
  if (options.hops) h.append(HEADER.hops, String(options.hops));
  if (options.logs) h.append(HEADER.include, "logs");
  return h;
}

/** @throws {AppError} `invalid` */
export function readOptions(h: MsgHdrs | undefined): InvokeOptions {
  const given = pick(h, OPTION_FIELDS);
  // As most calls come: with nothing, or from a gateway, which names a version.
  if (!given) return { logs: false };
  const version = versionAlone(given);
  if (version !== undefined) return { version, logs: false };
  const { include, ...options } = parse(
    OptionHeaders,
    given,
    "the headers of the message",
  );
  return { ...options, logs: include === "logs" };
}

/** The version, if that is all that is given, and plain. */
function versionAlone(given: Record<string, string>): number | undefined {
  for (const field in given) if (field !== "version") return undefined;
  const { version } = given;
  return version && PLAIN_NUMBER.test(version) ? Number(version) : undefined;
}

/** The reply as JSON, and the headers that say the rest. */
export function writeReply(
  reply: InvokeReply,
  { logs }: InvokeOptions,
): { json: Uint8Array; headers: MsgHdrs } {
  const { response, error } = reply.outcome;
  const h = error ? problemHeaders(error) : headers();
  h.append(HEADER.invocationId, reply.invocationId);
  h.append(HEADER.version, String(reply.version));
  h.append(HEADER.durationMs, reply.durationMs.toFixed(2));
  h.append(HEADER.waitMs, reply.waitMs.toFixed(2));
  if (reply.start !== "warm") {
    h.append(HEADER.startMs, reply.startMs.toFixed(2));
  }
  h.append(HEADER.start, reply.start);
  const body = error
    ? { ...toProblem(error), invocationId: reply.invocationId }
    : response;
  return {
    json: jsonOf(logs ? { ...body, logs: reply.logs } : body),
    headers: h,
  };
}

/** @throws {AppError} what was refused before there was an invocation */
export function readReply(
  text: string,
  h: MsgHdrs | undefined,
): InvokeReply {
  const failed = h?.has(HEADER.serviceErrorCode) ?? false;
  if (failed && !h?.has(HEADER.invocationId)) {
    throw fromProblem(JSON.parse(text));
  }
  const meta = readMeta(h);
  if (failed) {
    const problem = parseJson(Problem, text, "the reply");
    return {
      ...meta,
      logs: problem.logs ?? [],
      outcome: { error: fromProblem(problem) },
    };
  }
  const { logs = [], ...response } = parseJson(
    ReplyBody,
    text,
    "the reply",
    isResponseAsIs,
  );
  return { ...meta, logs, outcome: { response } };
}

/** An older runtime does not tell the start from the rest of the wait. */
function readMeta(h: MsgHdrs | undefined) {
  const meta = parse(
    ReplyHeaders,
    pick(h, REPLY_FIELDS) ?? {},
    "the headers of the reply",
  );
  const wait = meta.start === "warm" ? 0 : meta.waitMs;
  return { ...meta, startMs: meta.startMs ?? wait };
}

/** NATS ADR-32: what stock clients look for. */
export function problemHeaders(thrown: unknown): MsgHdrs {
  const { status, detail } = toProblem(thrown);
  const h = headers();
  h.set(HEADER.serviceError, detail.replaceAll(/[\r\n]+/g, " ").slice(0, 512));
  h.set(HEADER.serviceErrorCode, String(status));
  h.set("Content-Type", PROBLEM_TYPE);
  return h;
}

/** Fields by the name of their header, in lower case. */
function byHeader<Name extends string>(
  names: Record<Name, string>,
): Map<string, Name> {
  return new Map(
    (Object.keys(names) as Name[]).map((field) => [
      names[field].toLowerCase(),
      field,
    ]),
  );
}

/**
 * Header names are matched without regard to case, as HTTP does.
 *
 * @returns undefined when none of the fields is there
 */
function pick<Name extends string>(
  h: MsgHdrs | undefined,
  fields: Map<string, Name>,
): Partial<Record<Name, string>> | undefined {
  const found: Partial<Record<Name, string>> = {};
  let isEmpty = true;
  for (const [name, [value]] of h ?? []) {
    const field = fields.get(name.toLowerCase());
    if (field === undefined) continue;
    found[field] ??= value;
    isEmpty = false;
  }
  return isEmpty ? undefined : found;
}
