/** Asks for a key with a scope: 401 without a valid one, 403 without the scope. */
import type { Context, MiddlewareHandler } from "hono";
import { bearerKey, findKey, may } from "../../src/auth/api_key.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { ApiKey, Scope } from "../../src/contracts/key.ts";

/** @throws {AppError} `unauthenticated`, `forbidden` */
export function requireScope(
  c: Context,
  keys: readonly ApiKey[],
  scope: Scope,
): void {
  const presented = bearerKey(c.req.header("authorization"));
  const key = presented === undefined ? undefined : findKey(presented, keys);
  if (!key) {
    throw new AppError(
      "unauthenticated",
      presented === undefined
        ? "Cannot let you in: no key was sent"
        : "Cannot let you in: the key is not known",
      { hint: "Send Authorization: Bearer <key>; ./oche env prints yours" },
    );
  }
  if (!may(key, scope)) {
    throw new AppError("forbidden", `The key lacks the scope "${scope}"`, {
      hint: "Use a key with that scope",
    });
  }
}

export function scoped(
  keys: readonly ApiKey[],
  scope: Scope,
): MiddlewareHandler {
  return async function scoped(c, next) {
    requireScope(c, keys, scope);
    await next();
  };
}
