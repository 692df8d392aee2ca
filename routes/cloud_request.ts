/** An HTTP request as the CloudRequest that a function sees. */
import { decodeBody, isJsonAsIs } from "../src/contracts/body.ts";
import type { CloudRequest } from "../src/contracts/cloud.ts";
import { AppError } from "../src/contracts/error.ts";
import { keepJson } from "../src/contracts/json_source.ts";
import { encodeUtf8 } from "../src/contracts/utf8.ts";
import { HOP_BY_HOP } from "./hop_by_hop.ts";

const CLOSING_BRACE = 0x7d;

export interface RequestView {
  /** What of the path is not for the function. */
  prefix: string;
  /** Without, a key that let the caller in here stays here. */
  withAuthorization: boolean;
}

/** @throws {AppError} `invalid` when the path cannot be decoded */
export function toCloudRequest(
  request: Request,
  bytes: Uint8Array,
  view: RequestView,
): CloudRequest {
  return { ...headOf(request, view), ...decodeBody(bytes, typeOf(request)) };
}

/**
 * For a request that is passed on as it is: with its JSON beside it where the
 * body came as JSON.
 *
 * @throws {AppError} `invalid` when the path cannot be decoded
 */
export function toPassedRequest(
  request: Request,
  bytes: Uint8Array,
  view: RequestView,
): CloudRequest {
  const head = headOf(request, view);
  const type = typeOf(request);
  const decoded = decodeBody(bytes, type);
  const made = { ...head, ...decoded };
  return isJsonAsIs(bytes, type, decoded)
    ? keepJson(made, withBody(head, bytes))
    : made;
}

function typeOf({ headers }: Request): string | undefined {
  return headers.get("content-type") ?? undefined;
}

/** All but the body. */
function headOf(
  request: Request,
  { prefix, withAuthorization }: RequestView,
): Omit<CloudRequest, "body"> {
  return {
    method: request.method,
    path: pathAfter(request.url, prefix),
    headers: plainHeaders(request.headers, withAuthorization),
    ...readQuery(new URL(request.url)),
  };
}

/** The JSON of a request whose body is JSON: with that as it came. */
function withBody(view: object, body: Uint8Array): Uint8Array {
  const head = encodeUtf8(`${JSON.stringify(view).slice(0, -1)},"body":`);
  const json = new Uint8Array(head.length + body.length + 1);
  json.set(head);
  json.set(body, head.length);
  json[json.length - 1] = CLOSING_BRACE;
  return json;
}

function readQuery(
  { search, searchParams }: URL,
): Pick<CloudRequest, "query" | "queryAll"> {
  if (search === "") return { query: {}, queryAll: {} };
  const queryAll: Record<string, string[]> = Object.create(null);
  for (const [key, value] of searchParams) {
    (queryAll[key] ??= []).push(value);
  }
  return {
    query: Object.fromEntries(searchParams),
    queryAll: { ...queryAll },
  };
}

/**
 * What follows as many segments as the prefix has, percent-decoded once. It is
 * the path as it was sent: a URL would resolve `..` in it, and the name may be
 * spelled with percent signs.
 *
 * @throws {AppError} `invalid`
 */
function pathAfter(url: string, prefix: string): string {
  const [path = ""] = url.slice(url.indexOf("/", url.indexOf("://") + 3))
    .split(/[?#]/, 1);
  const segments = path.split("/").slice(prefix.split("/").length);
  const rest = `/${segments.join("/")}`;
  try {
    return decodeURIComponent(rest);
  } catch (cause) {
    throw new AppError("invalid", `Cannot decode the path "${rest}"`, {
      hint: "Percent-encode it as UTF-8",
      cause,
    });
  }
}

function plainHeaders(
  headers: Headers,
  withAuthorization: boolean,
): Record<string, string> {
  const plain: Record<string, string> = Object.create(null);
  headers.forEach((value, name) => {
    if (HOP_BY_HOP.has(name)) return;
    if (name !== "authorization" || withAuthorization) plain[name] = value;
  });
  return { ...plain };
}
