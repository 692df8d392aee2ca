/** HTTP requests that are CloudEvents, as a function sees them. */
import { readEventMessage, traceOf } from "../src/contracts/cloud_event.ts";
import type { CloudRequest } from "../src/contracts/cloud.ts";

/** Of an event, what an envelope would hold; beside it nothing is passed on. */
const PASSED = /^(?:ce-.+|content-type|traceparent|tracestate)$/;

/**
 * The request with the event's attributes as headers and its data as the body;
 * the request itself where it is no event.
 *
 * @throws {AppError} `invalid`, `unsupported`
 */
export function withEvent(
  request: CloudRequest,
  bytes: Uint8Array,
): CloudRequest {
  const message = readEventMessage(request.headers, bytes);
  if (!message) return request;
  const { body: _body, isBase64Encoded: _base64, ...rest } = request;
  return { ...rest, ...message, headers: traced(message.headers) };
}

/** @returns undefined when it is no event. @throws {AppError} as `withEvent` */
export function eventRequest(
  headers: Headers,
  bytes: Uint8Array,
): CloudRequest | undefined {
  const given = Object.fromEntries(
    Array.from(headers).filter(([name]) => PASSED.test(name)),
  );
  const message = readEventMessage(given, bytes);
  return message && {
    method: "POST",
    path: "/",
    query: {},
    ...message,
    headers: traced(message.headers),
  };
}

/** The event's trace, where the request has none of its own. */
function traced(headers: Record<string, string>): Record<string, string> {
  const traceparent = traceOf(headers);
  return traceparent === undefined ? headers : { traceparent, ...headers };
}
