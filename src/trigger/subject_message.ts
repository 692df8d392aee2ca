/** What a function is called with for NATS messages. */
import { decodeBody } from "../contracts/body.ts";
import { CloudRequest } from "../contracts/cloud.ts";
import {
  type EventMessage,
  readEventMessage,
  traceOf,
} from "../contracts/cloud_event.ts";
import type { TakenMessage } from "../contracts/message_source.ts";
import { parse } from "../contracts/parse.ts";
import type { SubjectTrigger } from "../contracts/trigger.ts";
import { HEADER } from "../nats/subject.ts";
import { readHops } from "./hops.ts";

/** What NATS and this system say of a message: not the sender's to set. */
const RESERVED = /^(?:oche|nats)-/;
/** RFC 9110 §5.6.2; NATS takes more. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const ANY = "*";

/** Whether the message has the headers that the trigger asks for. */
export function matches(
  { filter }: Pick<SubjectTrigger, "filter">,
  { headers }: TakenMessage,
): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    const value = headers[name.toLowerCase()];
    return wanted === ANY ? value !== undefined : value === wanted;
  });
}

export function hopsOf({ headers }: TakenMessage): number {
  return readHops(headers[HEADER.hops.toLowerCase()]);
}

export function traceparentOf({ headers }: TakenMessage): string | undefined {
  return headers[HEADER.traceparent] ?? traceOf(headers);
}

/** @throws {AppError} `invalid`, `unsupported` when it is an event that cannot be read */
export function requestOf(
  { name }: Pick<SubjectTrigger, "name">,
  message: TakenMessage,
  more: Record<string, string> = {},
): CloudRequest {
  const { headers, ...body } = read(message);
  return parse(CloudRequest, {
    ...body,
    headers: {
      ...headers,
      "oche-trigger": name,
      "oche-subject": message.subject,
      ...more,
    },
  }, "the message");
}

/** Several messages as one request, whose body is the list of them. */
export function batchRequestOf(
  { name }: Pick<SubjectTrigger, "name">,
  messages: readonly TakenMessage[],
  more: Record<string, string> = {},
): CloudRequest {
  const body = messages.map((message) => ({
    subject: message.subject,
    ...read(message),
  }));
  return parse(CloudRequest, {
    headers: {
      "content-type": "application/json",
      "oche-trigger": name,
      "oche-batch": String(messages.length),
      ...more,
    },
    body,
  }, "the messages");
}

/** Data without a type is JSON where it can be read as that. */
function read({ headers, data }: TakenMessage): EventMessage {
  const shown = Object.fromEntries(
    Object.entries(headers).filter(([name]) =>
      TOKEN.test(name) && !RESERVED.test(name)
    ),
  );
  return readEventMessage(shown, data) ?? {
    headers: shown,
    ...decodeBody(data, shown["content-type"] ?? "application/json"),
  };
}
