/** Limits how often one address may ask: 429 and Retry-After past it. */
import type { Context, MiddlewareHandler } from "hono";
import type { AddressLimit } from "../../src/auth/address_limit.ts";
import { tooOften } from "../../src/auth/rate_limit.ts";

/** Asked by those who watch over the gateway itself. */
const UNLIMITED = ["/healthz", "/readyz"];

export function addressLimited(limit: AddressLimit): MiddlewareHandler {
  return async function addressLimited(c, next) {
    if (!UNLIMITED.includes(c.req.path)) {
      const wait = limit.take(socketAddress(c), c.req.raw.headers);
      if (wait > 0) throw tooOften("address", wait);
    }
    await next();
  };
}

/** What Deno.serve says of the connection; empty where there is none. */
function socketAddress(c: Context): string {
  const env: { remoteAddr?: { hostname?: unknown } } | undefined = c.env;
  const hostname = env?.remoteAddr?.hostname;
  return typeof hostname === "string" ? hostname : "";
}
