/** What browsers are told of the gateway's own answers. */
import type { MiddlewareHandler } from "hono";

/** The answers below it are the functions' own. */
const FUNCTIONS = "/fn/";

const COMMON = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Data is no document: nothing may be loaded for it, nobody may frame it. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Of an answer that is the gateway's own wherever it is given, as a problem. */
export const OWN_HEADERS = {
  ...COMMON,
  "content-security-policy": DATA_POLICY,
  "cache-control": "no-store",
};

/** A page may set its own before. */
const PAGE_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; " +
  "form-action 'self'; frame-ancestors 'none'";

export const securityHeaders: MiddlewareHandler = (c, next) =>
  c.req.path.startsWith(FUNCTIONS) ? next() : withHeaders(c, next);

const withHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  for (const [name, value] of Object.entries(COMMON)) headers.set(name, value);
  const isPage = headers.get("content-type")?.startsWith("text/html") ?? false;
  if (!headers.has("content-security-policy")) {
    headers.set("content-security-policy", isPage ? PAGE_POLICY : DATA_POLICY);
  }
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
};
