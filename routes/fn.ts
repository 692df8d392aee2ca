/** `ALL /fn/:name/*`: an HTTP request to a function, and its answer, as they are. */
import { type Context, Hono } from "hono";
import { decodeBody, encodeBody } from "../src/contracts/body.ts";
import type { CloudRequest, CloudResponse } from "../src/contracts/cloud.ts";
import { AppError } from "../src/contracts/error.ts";
import type { InvokeReply } from "../src/contracts/port.ts";
import { toProblem } from "../src/contracts/problem.ts";
import { readBytes } from "./body.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction } from "./found.ts";
import { readInvokeOptions } from "./invoke_options.ts";
import { requireScope } from "./middleware/auth.ts";
import { problemResponse } from "./middleware/error.ts";

/** Of one connection, not of the message (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Statuses that have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const NO_BODY = [204, 205, 304];

export function fn(
  { registry, runtime, keys, limits }: Pick<
    GatewayDeps,
    "registry" | "runtime" | "keys" | "limits"
  >,
): Hono {
  const app = new Hono();

  async function handle(c: Context): Promise<Response> {
    const name = c.req.param("name") ?? "";
    const record = await registry.find(name);
    const isPublic = record?.public ?? false;
    if (!isPublic) requireScope(c, keys, "invoke", record?.name ?? name);
    const { id, current } = await foundFunction(registry, name);
    const options = readInvokeOptions(c.req.raw.headers);
    const bytes = await readBytes(c.req.raw, limits.bodyBytes, "the body");
    const asked = performance.now();
    const reply = await runtime.invoke(
      id,
      toCloudRequest(c.req.raw, bytes, { name, isPublic }),
      { ...options, version: options.version ?? current ?? undefined },
    );
    return toHttp(reply, performance.now() - asked);
  }

  app.all("/:name", handle);
  app.all("/:name/*", handle);
  return app;
}

function toCloudRequest(
  request: Request,
  bytes: Uint8Array,
  { name, isPublic }: { name: string; isPublic: boolean },
): CloudRequest {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: pathAfter(url.pathname, name),
    headers: plainHeaders(request.headers, isPublic),
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

/** What follows `/fn/:name`, percent-decoded once. @throws {AppError} `invalid` */
function pathAfter(pathname: string, name: string): string {
  const rest = pathname.slice(`/fn/${name}`.length) || "/";
  try {
    return decodeURIComponent(rest);
  } catch (cause) {
    throw new AppError("invalid", `Cannot decode the path "${rest}"`, {
      hint: "Percent-encode it as UTF-8",
      cause,
    });
  }
}

/** A key that let the caller in here is not for the function to see. */
function plainHeaders(
  headers: Headers,
  withAuthorization: boolean,
): Record<string, string> {
  return Object.fromEntries(
    Array.from(headers).filter(([name]) =>
      !HOP_BY_HOP.has(name) &&
      (withAuthorization || name !== "authorization")
    ),
  );
}

function toHttp(reply: InvokeReply, totalMs: number): Response {
  const meta = {
    "server-timing": serverTiming(reply, totalMs),
    "oche-invocation-id": reply.invocationId,
    "oche-version": String(reply.version),
    "oche-duration-ms": reply.durationMs.toFixed(1),
    "oche-start": reply.start,
  };
  const { response, error } = reply.outcome;
  if (error) {
    return problemResponse(
      { ...toProblem(error), invocationId: reply.invocationId },
      meta,
    );
  }
  return new Response(bodyOf(response), {
    status: response.statusCode,
    headers: headersOf(response, meta),
  });
}

/** Where the time went, in milliseconds (W3C Server Timing). */
function serverTiming(
  { start, waitMs, durationMs }: InvokeReply,
  totalMs: number,
): string {
  const parts = {
    [start === "warm" ? "queue" : "start"]: waitMs,
    run: durationMs - waitMs,
    wire: totalMs - durationMs,
  };
  return Object.entries(parts)
    .map(([name, ms]) => `${name};dur=${Math.max(0, ms).toFixed(2)}`)
    .join(", ");
}

function bodyOf(response: CloudResponse): BodyInit | null {
  return NO_BODY.includes(response.statusCode)
    ? null
    : encodeBody(response).bytes;
}

function headersOf(
  response: CloudResponse,
  meta: Record<string, string>,
): Headers {
  const headers = new Headers(meta);
  for (const [name, value] of Object.entries(response.headers)) {
    if (HOP_BY_HOP.has(name) || name === "content-length") continue;
    headers.delete(name);
    for (const each of [value].flat()) headers.append(name, latin1(each));
  }
  const { defaultType } = encodeBody(response);
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
