/**
 * Bearer keys (RFC 6750): made, hashed, looked up, and asked what they may do.
 *
 * A key is 256 random bits, so a plain SHA-256 keeps it: there is nothing to
 * guess that a slow hash would protect. The look-up is by that digest, which
 * whoever presents a key cannot steer, and the match is compared in constant
 * time.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { ApiKey, Scope } from "../contracts/key.ts";

export function newKey(): string {
  return `oche_${randomBytes(32).toString("base64url")}`;
}

export function newKeyId(): string {
  return randomBytes(8).toString("hex");
}

export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** The key in an Authorization header, or undefined when there is none. */
export function bearerKey(
  authorization: string | undefined,
): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
}

/** The record of a presented key. */
export function findKey(
  presented: string,
  keys: { find(sha256: string): ApiKey | undefined },
): ApiKey | undefined {
  const digest = hashKey(presented);
  const found = keys.find(digest);
  return found && sameDigest(digest, found.sha256) ? found : undefined;
}

function sameDigest(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  return timingSafeEqual(encoder.encode(a), encoder.encode(b));
}

/** Why a known key no longer opens anything; undefined when it does. */
export function whyEnded(
  { revokedAt, expiresAt }: ApiKey,
  now: number,
): "revoked" | "expired" | undefined {
  if (revokedAt !== undefined) return "revoked";
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) return "expired";
  return undefined;
}

/** `admin` includes every scope. */
export function may({ scopes }: ApiKey, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

/** @param name Undefined for what belongs to no function. */
export function reaches(
  { functions }: ApiKey,
  name: string | undefined,
): boolean {
  if (functions === undefined) return true;
  return name !== undefined &&
    functions.some((pattern) => matchesPattern(pattern, name));
}

/** In time linear in pattern times name; no expression is built of input. */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let taken = 0;
  while (from < name.length) {
    if (pattern[at] === "*") {
      star = at++;
      taken = from;
    } else if (pattern[at] === "?" || pattern[at] === name[from]) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++taken;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
