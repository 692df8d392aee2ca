/** HMACs (RFC 2104) over raw bytes, and their comparison in constant time. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export interface HmacFormat {
  algorithm: "sha1" | "sha256" | "sha512";
  encoding: "hex" | "base64";
}

export const SHA256_HEX: HmacFormat = { algorithm: "sha256", encoding: "hex" };

/** @param parts What is signed, in order, as if it were one. */
export function hmac(
  { algorithm, encoding }: HmacFormat,
  secret: string | Uint8Array,
  parts: readonly (string | Uint8Array)[],
): string {
  const mac = createHmac(algorithm, secret);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
}

/**
 * Whether one of the given texts is one of the expected. All are compared, so
 * that the time says neither which nor how much of it was right.
 */
export function oneIs(
  given: readonly string[],
  expected: readonly string[],
): boolean {
  let found = false;
  for (const right of expected) {
    for (const each of given) {
      if (timingSafeEqual(digest(each), digest(right))) found = true;
    }
  }
  return found;
}

/** Digests have one length, whatever was sent. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
