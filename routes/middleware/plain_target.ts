/** Refuses a request whose Host or target makes no URL: everything behind reads one. */
import type { MiddlewareHandler } from "hono";
import { AppError } from "../../src/contracts/error.ts";

/**
 * A registered name or address, and a port (RFC 3986 §3.2.2, without
 * percent-encoding): nothing that would shift where the path begins.
 */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

export const plainTarget: MiddlewareHandler = async (c, next) => {
  const host = c.req.header("host");
  if (host && !HOST.test(host)) throw unreadable("the Host header");
  if (!URL.canParse(c.req.url)) throw unreadable("the target of the request");
  await next();
};

function unreadable(what: string): AppError {
  return new AppError("invalid", `Cannot read ${what}: it makes no URL`, {
    hint: "Send the host's name, and a path that begins with /",
  });
}
