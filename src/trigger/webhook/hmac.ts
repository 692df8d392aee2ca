/** HMACs (RFC 2104) over raw bytes, and their comparison in constant time. */
import { Buffer } from "node:buffer";
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
 * that the time says neither which nor how much of it was right; the length of
 * what is expected is no secret.
 */
export function oneIs(
  given: readonly string[],
  expected: readonly string[],
): boolean {
  let found = false;
  for (const right of expected) {
    const bytes = Buffer.from(right);
    for (const each of given) {
      const other = Buffer.from(each);
      if (bytes.length === other.length && timingSafeEqual(bytes, other)) {
        found = true;
      }
    }
  }
  return found;
}

/** As `oneIs()`, where the length is a secret too: digests have one length. */
export function oneSecretIs(
  given: string,
  expected: readonly string[],
): boolean {
  return oneIs([digest(given)], expected.map(digest));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
