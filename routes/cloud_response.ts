/** What an invocation came to, as an HTTP answer. */
import { encodeBody } from "../src/contracts/body.ts";
import type { CloudResponse } from "../src/contracts/cloud.ts";
import type { InvokeReply } from "../src/contracts/port.ts";
import { toProblem } from "../src/contracts/problem.ts";
import { HOP_BY_HOP } from "./hop_by_hop.ts";
import { problemResponse } from "./middleware/error.ts";

/** Statuses that have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const NO_BODY = [204, 205, 304];

/**
 * What is to be said of an invocation, as headers.
 *
 * @param totalMs From the question to the answer, the wire included.
 */
export function metaOf(
  reply: InvokeReply,
  totalMs: number,
): Record<string, string> {
  return {
    "server-timing": serverTiming(reply, totalMs),
    "oche-invocation-id": reply.invocationId,
    "oche-version": String(reply.version),
    "oche-duration-ms": reply.durationMs.toFixed(1),
    "oche-start": reply.start,
  };
}

/** @param totalMs As for `metaOf`. */
export function toHttp(reply: InvokeReply, totalMs: number): Response {
  const meta = {
    ...metaOf(reply, totalMs),
    "x-content-type-options": "nosniff",
  };
  const { response, error } = reply.outcome;
  if (error) {
    return problemResponse(
      { ...toProblem(error), invocationId: reply.invocationId },
      meta,
    );
  }
  return answerToHttp(response, meta);
}

/** @param meta Headers of ours. */
export function answerToHttp(
  response: CloudResponse,
  meta: Record<string, string>,
): Response {
  const { statusCode: status } = response;
  const { bytes, defaultType } = encodeBody(response);
  return new Response(NO_BODY.includes(status) ? null : bytes, {
    status,
    headers: headersOf(response, defaultType, meta),
  });
}

/** Where the time went, in milliseconds (W3C Server Timing). */
function serverTiming(
  { start, startMs, waitMs, durationMs }: InvokeReply,
  totalMs: number,
): string {
  const parts = {
    queue: waitMs - startMs,
    ...(start !== "warm" && { start: startMs }),
    run: durationMs - waitMs,
    wire: totalMs - durationMs,
  };
  return Object.entries(parts)
    .map(([name, ms]) => `${name};dur=${Math.max(0, ms).toFixed(2)}`)
    .join(", ");
}

function headersOf(
  response: CloudResponse,
  defaultType: string | undefined,
  meta: Record<string, string>,
): Headers {
  const headers = new Headers(meta);
  for (const [name, value] of Object.entries(response.headers)) {
    if (HOP_BY_HOP.has(name) || name === "content-length") continue;
    // Those say what the platform did; a function has no say in it.
    if (name.startsWith("oche-")) continue;
    headers.delete(name);
    for (const each of [value].flat()) headers.append(name, latin1(each));
  }
  if (defaultType !== undefined && !headers.has("content-type")) {
    headers.set("content-type", defaultType);
  }
  return headers;
}

/** Header values are bytes; what is beyond Latin-1 goes as UTF-8 (RFC 9110 §5.5). */
function latin1(value: string): string {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\xff]*$/.test(value)
    ? value
    : String.fromCharCode(...new TextEncoder().encode(value));
}
