/** An invocation as NATS messages: options as headers, the reply as JSON. */
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { z } from "zod";
import { CloudResponse, START_KINDS } from "../contracts/cloud.ts";
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
  version: z.coerce.number().int().positive().optional(),
  deadline: z.coerce.number().int().nonnegative().optional(),
  idempotencyKey: z.string().max(256).optional(),
  traceparent: z.string().max(256).optional(),
  include: z.string().max(64).optional(),
});

const ReplyHeaders = z.object({
  invocationId: z.string().min(1),
  version: z.coerce.number().int().positive(),
  durationMs: z.coerce.number().nonnegative(),
  start: z.enum(START_KINDS),
});

const ReplyBody = CloudResponse.and(
  z.object({ logs: z.array(LogLine).optional() }),
);

export function writeOptions(options: InvokeOptions): MsgHdrs {
  const h = headers();
  if (options.version) h.set(HEADER.version, String(options.version));
  if (options.deadline) h.set(HEADER.deadline, String(options.deadline));
  if (options.idempotencyKey) {
    h.set(HEADER.idempotencyKey, options.idempotencyKey);
  }
  if (options.traceparent) h.set(HEADER.traceparent, options.traceparent);
  if (options.logs) h.set(HEADER.include, "logs");
  return h;
}

/** @throws {AppError} `invalid` */
export function readOptions(h: MsgHdrs | undefined): InvokeOptions {
  const { include, ...options } = parse(
    OptionHeaders,
    pick(h, {
      version: HEADER.version,
      deadline: HEADER.deadline,
      idempotencyKey: HEADER.idempotencyKey,
      traceparent: HEADER.traceparent,
      include: HEADER.include,
    }),
    "the headers of the message",
  );
  return { ...options, logs: include === "logs" };
}

/** The reply as text, and the headers that say the rest. */
export function writeReply(
  reply: InvokeReply,
  { logs }: InvokeOptions,
): { text: string; headers: MsgHdrs } {
  const { response, error } = reply.outcome;
  const h = error ? problemHeaders(error) : headers();
  h.set(HEADER.invocationId, reply.invocationId);
  h.set(HEADER.version, String(reply.version));
  h.set(HEADER.durationMs, reply.durationMs.toFixed(1));
  h.set(HEADER.start, reply.start);
  const body = error
    ? { ...toProblem(error), invocationId: reply.invocationId }
    : response;
  return {
    text: JSON.stringify(logs ? { ...body, logs: reply.logs } : body),
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
  const meta = parse(
    ReplyHeaders,
    pick(h, {
      invocationId: HEADER.invocationId,
      version: HEADER.version,
      durationMs: HEADER.durationMs,
      start: HEADER.start,
    }),
    "the headers of the reply",
  );
  if (failed) {
    const problem = parseJson(Problem, text, "the reply");
    return {
      ...meta,
      logs: problem.logs ?? [],
      outcome: { error: fromProblem(problem) },
    };
  }
  const { logs = [], ...response } = parseJson(ReplyBody, text, "the reply");
  return { ...meta, logs, outcome: { response } };
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

/** Header names are matched without regard to case, as HTTP does. */
function pick<Name extends string>(
  h: MsgHdrs | undefined,
  names: Record<Name, string>,
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  if (!h) return found;
  const actual = new Map(h.keys().map((name) => [name.toLowerCase(), name]));
  for (const [field, name] of Object.entries<string>(names)) {
    const spelled = actual.get(name.toLowerCase());
    if (spelled) found[field as Name] = h.get(spelled);
  }
  return found;
}
