/** Sealing: what lies on a disk is of no use without a key that does not. */
import { z } from "zod";
import { decodeBase64 } from "./base64.ts";

/** Encrypts and authenticates bytes, bound to where they belong. */
export interface Sealer {
  /** @param context Names the place; the same is needed to open. */
  seal(plain: Uint8Array, context: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * @throws {AppError} `invalid` when the bytes were not sealed, were changed or
   * belong elsewhere; `unavailable` when the key they need is not there
   */
  open(sealed: Uint8Array, context: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** A Sealer that has several keys, while one is exchanged for another. */
export interface RotatingSealer extends Sealer {
  /** How many keys open. */
  readonly keys: number;
  /** Whether the key that seals now has sealed these bytes. */
  isNewest(sealed: Uint8Array): boolean;
}

/** Of a key, in bytes: AES-256. */
export const SEAL_KEY_BYTES = 32;

/** 32 bytes in base64 (RFC 4648 §4 or §5). */
const ONE_KEY = /^[\w+/-]{43}=?$/;

/** Keys by commas; the first seals, each of them opens. */
export const SealKeys = z.string().transform((text, context) => {
  const keys = text.split(",").map((each) => each.trim());
  if (keys.every((each) => ONE_KEY.test(each))) return keys.map(decodeBase64);
  // The value is secret: the message must not repeat it.
  context.addIssue({
    code: "custom",
    message: "is not a list of 32 bytes in base64, by commas",
  });
  return z.NEVER;
});
