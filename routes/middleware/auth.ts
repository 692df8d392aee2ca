/** Asks for a key with a scope: 401 without a valid one, 403 when it may not. */
import type { Context, MiddlewareHandler } from "hono";
import {
  bearerKey,
  findKey,
  may,
  reaches,
  whyEnded,
} from "../../src/auth/api_key.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { ApiKey, KeyRing, Scope } from "../../src/contracts/key.ts";

/** Below this, the parameter `name` of a route names a function. */
const OF_A_FUNCTION = "/api/functions/";

/**
 * A key with that scope. Which functions it reaches is the caller's to ask.
 *
 * @throws {AppError} `unauthenticated`, `forbidden`, `busy` when used too often
 */
export function requireKey(c: Context, keys: KeyRing, scope: Scope): ApiKey {
  const presented = bearerKey(c.req.header("authorization"));
  if (presented === undefined) throw unknown("no key was sent");
  const key = findKey(presented, keys);
  if (!key) throw unknown("the key is not known");
  const ended = whyEnded(key, Date.now());
  if (ended) throw unknown(`the key is ${ended}`);
  if (!may(key, scope)) {
    throw new AppError("forbidden", `The key lacks the scope "${scope}"`, {
      hint: "Use a key with that scope",
    });
  }
  keys.admit(key);
  return key;
}

/**
 * @param name Of the function that is meant; undefined where there is none.
 * @throws {AppError} `unauthenticated`, `forbidden`
 */
export function requireScope(
  c: Context,
  keys: KeyRing,
  scope: Scope,
  name?: string,
): ApiKey {
  const key = requireKey(c, keys, scope);
  if (!reaches(key, name)) throw outOfReach(key);
  return key;
}

/** The middleware of a route; below `/api/functions/:name` for that function. */
export function scoped(keys: KeyRing, scope: Scope): MiddlewareHandler {
  return async function scoped(c, next) {
    const key = requireKey(c, keys, scope);
    if (key.functions !== undefined) {
      const ref = c.req.path.startsWith(OF_A_FUNCTION)
        ? c.req.param("name")
        : undefined;
      // A function that is not there yet has the name that it is given.
      const name = ref && (await keys.nameOf(ref) ?? ref);
      if (!reaches(key, name)) throw outOfReach(key);
    }
    await next();
  };
}

function unknown(why: string): AppError {
  return new AppError("unauthenticated", `Cannot let you in: ${why}`, {
    hint: "Send Authorization: Bearer <key>, or set OCHE_KEY for ./oche; " +
      "./oche env prints yours",
  });
}

function outOfReach({ functions = [] }: ApiKey): AppError {
  return new AppError(
    "forbidden",
    `The key is limited to the functions ${functions.join(", ")}`,
    { hint: "Use a key that reaches this" },
  );
}
