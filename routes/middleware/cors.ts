/** Cross-origin requests of browsers (Fetch Standard, "CORS protocol"), for named origins. */
import type { MiddlewareHandler } from "hono";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const EXPOSED = [
  "oche-invocation-id",
  "oche-version",
  "oche-duration-ms",
  "oche-start",
  "server-timing",
  "retry-after",
  "location",
].join(", ");
/** Told to a preflight that names none. */
const ACCEPTED = [
  "authorization",
  "content-type",
  "idempotency-key",
  "oche-at",
  "oche-deadline",
  "oche-delay",
  "oche-priority",
  "oche-signature",
  "oche-timestamp",
  "oche-version",
  "prefer",
  "traceparent",
].join(", ");
const MAX_AGE_SECONDS = "600";

/**
 * Keys travel in a header that the page sets itself, so credentials of the
 * browser are never asked for.
 */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return async function crossOrigin(c, next) {
    const origin = c.req.header("origin");
    const allowed = origin !== undefined &&
      (origins.includes("*") || origins.includes(origin));
    if (!allowed) return await next();
    const answer = origins.includes("*") ? "*" : origin;
    if (
      c.req.method === "OPTIONS" &&
      c.req.header("access-control-request-method") !== undefined
    ) {
      return new Response(null, {
        status: 204,
        headers: {
          "access-control-allow-origin": answer,
          "access-control-allow-methods": METHODS,
          "access-control-allow-headers":
            c.req.header("access-control-request-headers") || ACCEPTED,
          "access-control-max-age": MAX_AGE_SECONDS,
          vary: "origin, access-control-request-headers",
        },
      });
    }
    await next();
    c.res.headers.set("access-control-allow-origin", answer);
    c.res.headers.set("access-control-expose-headers", EXPOSED);
    c.res.headers.set("cross-origin-resource-policy", "cross-origin");
    c.res.headers.append("vary", "origin");
  };
}
