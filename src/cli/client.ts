/** The gateway over HTTP: problems become errors again. */
import type { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parse } from "../contracts/parse.ts";
import { fromProblem, PROBLEM_TYPE } from "../contracts/problem.ts";
import type { CliDeps } from "./deps.ts";
import { findServer } from "./server.ts";

const TIMEOUT_MS = 60_000;

export interface Call {
  method?: string;
  body?: BodyInit;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

/** @throws {AppError} what the server answered, or `unavailable` */
export async function send(
  deps: CliDeps,
  path: string,
  { method = "GET", body, headers, timeoutMs = TIMEOUT_MS }: Call = {},
): Promise<Response> {
  const { url, key } = await findServer(deps);
  let response: Response;
  try {
    response = await deps.fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
      ...(body !== undefined && { body }),
    });
  } catch (cause) {
    const isTimeout = cause instanceof DOMException;
    throw new AppError(
      isTimeout ? "timeout" : "unavailable",
      isTimeout
        ? `No answer from ${url} in ${timeoutMs / 1000} s`
        : `Cannot reach ${url}`,
      { hint: "Is it running? See ./oche doctor", cause },
    );
  }
  if (response.headers.get("content-type")?.startsWith(PROBLEM_TYPE)) {
    throw fromProblem(await response.json());
  }
  return response;
}

/** Asks, and reads the answer by its schema. */
export async function ask<Schema extends z.ZodType>(
  deps: CliDeps,
  schema: Schema,
  path: string,
  call: Call = {},
): Promise<z.output<Schema>> {
  const response = await send(deps, path, call);
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError("internal", "Cannot read the answer: it is not JSON", {
      hint: "Is OCHE_URL the address of an Oche gateway?",
      cause,
    });
  }
  return parse(schema, value, "the answer of the server");
}

/** What follows a path: nothing, or `?` and all that is given. */
export function queryOf(
  given: Record<string, string | number | boolean | undefined>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

/** The path of a function's part of the API. */
export function functionPath(name: string, rest = ""): string {
  return `/api/functions/${encodeURIComponent(name)}${rest}`;
}
