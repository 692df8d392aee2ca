/** Errors to HTTP: problem+json (RFC 9457), and nothing said of the unexpected. */
import type { ErrorHandler, NotFoundHandler } from "hono";
import { AppError } from "../../src/contracts/error.ts";
import {
  type Problem,
  PROBLEM_TYPE,
  toProblem,
} from "../../src/contracts/problem.ts";
import type { Logger } from "../../src/log.ts";
import { OWN_HEADERS } from "./security_headers.ts";

export function onError(log: Logger): ErrorHandler {
  return (thrown, c) => {
    const problem = toProblem(thrown);
    if (problem.code === "internal") {
      log.error("Cannot answer a request", {
        method: c.req.method,
        path: c.req.path,
        error: thrown,
      });
    }
    return problemResponse(problem);
  };
}

export const onNotFound: NotFoundHandler = (c) =>
  problemResponse(
    toProblem(
      new AppError("not_found", `Cannot ${c.req.method} "${c.req.path}"`, {
        hint: "See the routes at /openapi.json",
      }),
    ),
  );

export function problemResponse(
  problem: Problem,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      ...headers,
      ...OWN_HEADERS,
      "content-type": PROBLEM_TYPE,
      ...(problem.retryAfter !== undefined && {
        "retry-after": String(Math.ceil(problem.retryAfter)),
      }),
      ...(problem.code === "unauthenticated" && {
        "www-authenticate": 'Bearer realm="oche"',
      }),
    },
  });
}
