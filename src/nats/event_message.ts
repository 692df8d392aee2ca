/** NATS messages that are CloudEvents, as a function sees them. */
import type { MsgHdrs } from "@nats-io/nats-core";
import type { CloudRequest } from "../contracts/cloud.ts";
import { readEventMessage, traceOf } from "../contracts/cloud_event.ts";

/** Of a message that is an event, what is passed on. */
const PASSED = /^(?:ce-.+|content-type|traceparent|tracestate)$/i;

/**
 * In binary mode (`ce-` headers) or structured mode (by content type), as the
 * NATS binding of CloudEvents 1.0 has them.
 *
 * @returns undefined when the message is no event
 * @throws {AppError} `invalid`, `unsupported`
 */
export function eventRequest(
  h: MsgHdrs | undefined,
  bytes: Uint8Array,
): CloudRequest | undefined {
  if (!h) return undefined;
  const given: Record<string, string> = {};
  for (const name of h.keys()) {
    if (PASSED.test(name)) given[name.toLowerCase()] = h.get(name);
  }
  const message = readEventMessage(given, bytes);
  if (!message) return undefined;
  const traceparent = traceOf(message.headers);
  return {
    method: "POST",
    path: "/",
    query: {},
    ...message,
    headers: {
      ...(traceparent !== undefined && { traceparent }),
      ...message.headers,
    },
  };
}
