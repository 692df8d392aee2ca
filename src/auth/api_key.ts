/** Bearer keys (RFC 6750): hashed, compared in constant time, checked for a scope. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiKey, Scope } from "../contracts/key.ts";

export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** The key in an Authorization header, or undefined when there is none. */
export function bearerKey(
  authorization: string | undefined,
): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
}

/** The record of a presented key. Every record is compared, whatever comes first. */
export function findKey(
  presented: string,
  keys: readonly ApiKey[],
): ApiKey | undefined {
  const digest = new TextEncoder().encode(hashKey(presented));
  let found: ApiKey | undefined;
  for (const key of keys) {
    if (timingSafeEqual(digest, new TextEncoder().encode(key.sha256))) {
      found = key;
    }
  }
  return found;
}

export function may({ scopes }: ApiKey, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}
