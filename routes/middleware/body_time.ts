/** How long the body of a request may take to arrive, whoever reads it. */
import type { MiddlewareHandler } from "hono";

interface BodyTime {
  /** Of the whole body, in milliseconds. */
  ms: number;
  /** Of that, from now on. */
  left: number;
}

/** By request; when its time is up, as `performance.now()` says. */
const limits = new WeakMap<Request, { ms: number; until: number }>();

/** The clock of every request begins here, before keys and names are looked up. */
export function bodyTimed(ms: number): MiddlewareHandler {
  return async function bodyTimed(c, next) {
    limits.set(c.req.raw, { ms, until: performance.now() + ms });
    await next();
  };
}

/** Undefined for a request that has no limit. */
export function bodyTime(request: Request): BodyTime | undefined {
  const limit = limits.get(request);
  return limit &&
    { ms: limit.ms, left: Math.max(0, limit.until - performance.now()) };
}
