/** An HTTP request as the CloudRequest that a function sees. */
import { decodeBody } from "../src/contracts/body.ts";
import type { CloudRequest } from "../src/contracts/cloud.ts";
import { AppError } from "../src/contracts/error.ts";
import { HOP_BY_HOP } from "./hop_by_hop.ts";

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
  { prefix, withAuthorization }: RequestView,
): CloudRequest {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: pathAfter(request.url, prefix),
    headers: plainHeaders(request.headers, withAuthorization),
    ...readQuery(url),
    ...decodeBody(bytes, request.headers.get("content-type") ?? undefined),
  };
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
