/** Bodies between bytes on the wire and values in CloudRequest and CloudResponse. */
import { byteLength, decodeBase64, encodeBase64 } from "./base64.ts";
import { decodeUtf8 } from "./utf8.ts";
import type { CloudResponse } from "./cloud.ts";
import { decodeJson } from "./json.ts";

export interface DecodedBody {
  /** Any JSON value. */
  body: NonNullable<unknown> | null;
  isBase64Encoded?: true;
}

/** What JSON and base64 add to a body at most. */
export const ENCODING_FACTOR = 2;

const JSON_TYPE = /^application\/(?:json|[^;\s]+\+json)$/;
const TEXT_TYPE =
  /^(?:text\/.+|application\/(?:xml|[^;\s]+\+xml|x-www-form-urlencoded|javascript|graphql|yaml|x-yaml|toml))$/;

/**
 * Bytes to the value a function sees: JSON decoded, text as a string, all else
 * as base64. Invalid or too deep JSON passes as text, invalid text as base64.
 */
export function decodeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
): DecodedBody {
  if (bytes.length === 0) return { body: null };
  const type = mediaType(contentType);
  const isJson = JSON_TYPE.test(type);
  if (!isJson && !TEXT_TYPE.test(type)) return asBase64(bytes);
  const text = decodeText(bytes, contentType);
  if (text === undefined) return asBase64(bytes);
  return { body: isJson ? parseOrKeep(text) : text };
}

export interface EncodedBody {
  bytes: Uint8Array<ArrayBuffer> | string | null;
  /** The type to state when the function stated none. */
  defaultType: string | undefined;
}

/** The value a function answered with, to what goes out over HTTP. */
export function encodeBody(response: CloudResponse): EncodedBody {
  const { body, isBase64Encoded, encoding } = response;
  if (body === null || body === undefined) {
    return { bytes: null, defaultType: undefined };
  }
  if (isBase64Encoded) {
    return {
      bytes: decodeBase64(String(body)),
      defaultType: "application/octet-stream",
    };
  }
  if (typeof body === "string" && encoding !== "json") {
    return { bytes: body, defaultType: "text/plain; charset=utf-8" };
  }
  return { bytes: JSON.stringify(body), defaultType: "application/json" };
}

/** What a value takes as a body on the wire, in bytes. */
export function bodySize(
  { body, isBase64Encoded }: { body: unknown; isBase64Encoded?: unknown },
): number {
  if (body === null || body === undefined) return 0;
  if (typeof body !== "string") return byteLength(JSON.stringify(body));
  return isBase64Encoded ? Math.floor(body.length * 3 / 4) : byteLength(body);
}

/** The type without parameters, in lower case. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function asBase64(bytes: Uint8Array): DecodedBody {
  return { body: encodeBase64(bytes), isBase64Encoded: true };
}

function parseOrKeep(text: string): NonNullable<unknown> | null {
  try {
    return decodeJson(text) as NonNullable<unknown> | null;
  } catch {
    return text;
  }
}

function decodeText(
  bytes: Uint8Array,
  contentType: string | undefined,
): string | undefined {
  const charset = charsetOf(contentType);
  try {
    return charset === "utf-8"
      ? decodeUtf8(bytes)
      : new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** In lower case; UTF-8 unless the type says otherwise. */
function charsetOf(contentType: string | undefined): string {
  const named = /;\s*charset="?([\w.:-]+)"?/i.exec(contentType ?? "")?.[1];
  return named?.toLowerCase() ?? "utf-8";
}

/** The first byte of a byte order mark, with which no JSON starts (RFC 8259). */
const BYTE_ORDER_MARK = 0xef;

/**
 * Whether bytes that were decoded to this are JSON that can be passed on as it
 * is. A string says no: it may be text that was no JSON.
 */
export function isJsonAsIs(
  bytes: Uint8Array,
  contentType: string | undefined,
  { body }: DecodedBody,
): boolean {
  return bytes.length > 0 && typeof body !== "string" &&
    bytes[0] !== BYTE_ORDER_MARK && charsetOf(contentType) === "utf-8";
}
