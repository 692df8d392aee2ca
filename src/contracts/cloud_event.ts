/** CloudEvents 1.0: the event, its JSON format, and its attributes as headers. */
import { z } from "zod";
import { decodeBase64 } from "./base64.ts";
import { decodeBody, type DecodedBody, mediaType } from "./body.ts";
import { AppError } from "./error.ts";
import { TRACEPARENT } from "./header.ts";
import { parse, parseJson } from "./parse.ts";

export const EVENT_TYPE = "application/cloudevents+json";
const BATCH_TYPE = "application/cloudevents-batch+json";
const ANY_EVENT = "cloudevents";
/** JSON, XML, Avro and what else there may be, one event or several. */
const ANY_STRUCTURED = /^application\/cloudevents(?:-batch)?(?:\+|$)/;
/** Of the HTTP binding (§3.1.3) and of the NATS binding (§3.1.3) alike. */
const PREFIX = "ce-";
/** Letters and digits; the specification asks for at most 20, and takes more. */
const ATTRIBUTE = /^[a-z0-9]{1,64}$/;
const MAX_BATCH = 1_000;

const Text = z.string().min(1).max(8_192);

const Extension = z.union([Text, z.boolean(), z.int()]).optional();

/** Attributes, extensions among them, beside the data (CloudEvents 1.0.2, §3). */
export const CloudEvent = z.object({
  specversion: z.literal("1.0"),
  id: Text,
  /** A URI reference; with the id it names the event. */
  source: Text,
  type: Text,
  subject: Text.optional(),
  /** RFC 3339. */
  time: z.iso.datetime({ offset: true }).optional(),
  datacontenttype: Text.optional(),
  dataschema: Text.optional(),
  /** Any JSON value. */
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
}).catchall(z.unknown()).check(({ value, issues }) => {
  for (const [name, each] of Object.entries(value)) {
    if (name === "data" || name === "data_base64") continue;
    const problem = !ATTRIBUTE.test(name)
      ? "is named with more than a-z and 0-9"
      : Extension.safeParse(each).success
      ? undefined
      : "is no text, integer or boolean";
    if (problem === undefined) continue;
    issues.push({
      code: "custom",
      path: [name],
      message: problem,
      input: each,
    });
  }
  if (value.data !== undefined && value.data_base64 !== undefined) {
    issues.push({
      code: "custom",
      path: ["data"],
      message: "stands beside data_base64",
      input: undefined,
    });
  }
});
export type CloudEvent = z.output<typeof CloudEvent>;

/** An attribute that is null in JSON is absent (JSON format §2.2). */
const JsonEvent = z.preprocess(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
        Object.entries(value).filter(([name, each]) =>
          each !== null || name === "data"
        ),
      )
      : value,
  CloudEvent,
);

export interface EventMessage extends DecodedBody {
  /** Names in lower case. */
  headers: Record<string, string>;
}

/**
 * What a function gets to see of a message that is an event: attributes as
 * `ce-` headers and the data as the body, however it came. A batch stays a
 * list of events.
 *
 * @param headers Names in lower case.
 * @returns undefined when the message is no event.
 * @throws {AppError} `invalid`, `unsupported`
 */
export function readEventMessage(
  headers: Record<string, string>,
  bytes: Uint8Array,
): EventMessage | undefined {
  const contentType = headers["content-type"];
  const isBinary = headers[`${PREFIX}specversion`] !== undefined;
  if (!isBinary && !contentType?.toLowerCase().includes(ANY_EVENT)) {
    return undefined;
  }
  const type = mediaType(contentType);
  if (type === EVENT_TYPE) {
    return toBinary(headers, parseJson(JsonEvent, utf8(bytes), "the event"));
  }
  if (type === BATCH_TYPE) {
    const batch = z.array(JsonEvent).max(MAX_BATCH);
    const body = parseJson(batch, utf8(bytes), "the batch of events");
    return { headers, body };
  }
  if (ANY_STRUCTURED.test(type)) {
    throw new AppError("unsupported", `Cannot read events as "${type}"`, {
      hint: `Send ${EVENT_TYPE}, ${BATCH_TYPE}, or ce- headers`,
    });
  }
  if (!isBinary) return undefined;
  parse(CloudEvent, attributesOf(headers), "the ce- headers");
  return { headers, ...decodeBody(bytes, contentType) };
}

/** The `traceparent` of an event (extension "Distributed Tracing"). */
export function traceOf(headers: Record<string, string>): string | undefined {
  const traceparent = headers[`${PREFIX}traceparent`] ?? "";
  return TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

function toBinary(
  headers: Record<string, string>,
  { data, data_base64: base64, ...attributes }: CloudEvent,
): EventMessage {
  const { "content-type": _type, "content-length": _length, ...rest } = headers;
  const { datacontenttype, ...others } = attributes;
  const hasData = data !== undefined || base64 !== undefined;
  // Data without a type is JSON (JSON format §3.1).
  const type = datacontenttype ?? (hasData ? "application/json" : undefined);
  return {
    headers: {
      ...rest,
      ...Object.fromEntries(
        Object.entries(others).map((
          [name, value],
        ) => [PREFIX + name, encodeAttribute(String(value))]),
      ),
      ...(type !== undefined && { "content-type": type }),
    },
    ...(base64 === undefined
      ? { body: data ?? null }
      : decodeBody(decodeBase64(base64), type)),
  };
}

function attributesOf(headers: Record<string, string>): unknown {
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, value]) => [
      name.slice(PREFIX.length),
      decodeAttribute(value),
    ]);
  return Object.fromEntries(attributes);
}

/** Space, `"`, `%` and all beyond ASCII's printable (HTTP binding §3.1.3.2). */
export function encodeAttribute(value: string): string {
  return value.toWellFormed().replaceAll(
    /[^\x21\x23\x24\x26-\x7e]/gu,
    (character) =>
      Array.from(
        new TextEncoder().encode(character),
        (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
      ).join(""),
  );
}

/** What is not percent-encoded UTF-8 stays as it is. */
export function decodeAttribute(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("invalid", "Cannot read the event: it is not UTF-8", {
      cause,
    });
  }
}
