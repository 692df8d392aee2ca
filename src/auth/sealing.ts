/** A Sealer of AES-256-GCM (NIST SP 800-38D): `OCS1`, key id, nonce, ciphertext with tag. */
import { createCipheriv, createHash } from "node:crypto";
import { AppError } from "../contracts/error.ts";
import type { RotatingSealer } from "../contracts/sealer.ts";

const MAGIC = new TextEncoder().encode("OCS1");
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = MAGIC.length + ID_BYTES;
const CIPHER_AT = NONCE_AT + NONCE_BYTES;

/** Up to here a thread of its own costs more than the cipher, in bytes. */
const INLINE_BYTES = 64 * 1024;

/** What sealing adds to a length, in bytes. */
export const SEAL_OVERHEAD = CIPHER_AT + TAG_BYTES;

interface Key {
  id: Uint8Array<ArrayBuffer>;
  key: CryptoKey;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Nonces are random: one key is good for 2^32 seals (SP 800-38D §8.3).
 *
 * @param keys Of 32 bytes each; the first seals, each of them opens.
 */
export async function createSealer(
  keys: readonly Uint8Array<ArrayBuffer>[],
): Promise<RotatingSealer> {
  const ring = await Promise.all(keys.map(importKey));
  const [newest] = ring;
  if (!newest) throw new AppError("invalid", "Cannot seal: there is no key");
  const encoder = new TextEncoder();

  return {
    keys: ring.length,
    isNewest: (sealed) => isSealed(sealed) && hasId(sealed, newest.id),

    async seal(plain, context) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const place = encoder.encode(context);
      const sealed = new Uint8Array(SEAL_OVERHEAD + plain.length);
      sealed.set(MAGIC);
      sealed.set(newest.id, MAGIC.length);
      sealed.set(iv, NONCE_AT);
      if (plain.length <= INLINE_BYTES) {
        const cipher = createCipheriv("aes-256-gcm", newest.bytes, iv)
          .setAAD(place);
        sealed.set(cipher.update(plain), CIPHER_AT);
        cipher.final();
        sealed.set(cipher.getAuthTag(), CIPHER_AT + plain.length);
      } else {
        const cipher = await crypto.subtle.encrypt(
          { name: "AES-GCM", iv, additionalData: place },
          newest.key,
          owned(plain),
        );
        sealed.set(new Uint8Array(cipher), CIPHER_AT);
      }
      return sealed;
    },

    async open(sealed, context) {
      if (!isSealed(sealed)) throw notSealed(context);
      const used = ring.find(({ id }) => hasId(sealed, id));
      if (!used) throw keyIsGone(context);
      try {
        return new Uint8Array(
          await crypto.subtle.decrypt(
            {
              name: "AES-GCM",
              iv: sealed.slice(NONCE_AT, CIPHER_AT),
              additionalData: encoder.encode(context),
            },
            used.key,
            sealed.slice(CIPHER_AT),
          ),
        );
      } catch (cause) {
        throw new AppError(
          "invalid",
          `Cannot open ${context}: it was changed, or belongs elsewhere`,
          {
            hint: "Write it again: deploy the function, or set the secret",
            cause,
          },
        );
      }
    },
  };
}

/** Whether the bytes begin as sealed ones do. */
export function isSealed(bytes: Uint8Array): boolean {
  return bytes.length >= SEAL_OVERHEAD &&
    MAGIC.every((byte, at) => bytes[at] === byte);
}

/** Tells keys apart and says nothing of them. */
function keyId(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const digest = createHash("sha256").update("oche seal key id").update(key)
    .digest();
  return new Uint8Array(digest.subarray(0, ID_BYTES));
}

function hasId(sealed: Uint8Array, id: Uint8Array): boolean {
  return id.every((byte, at) => sealed[MAGIC.length + at] === byte);
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<Key> {
  return {
    id: keyId(bytes),
    bytes,
    key: await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]),
  };
}

/** The Web Crypto API takes no view of memory that others may share. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}

function notSealed(context: string): AppError {
  return new AppError("invalid", `Cannot open ${context}: it is not sealed`, {
    hint:
      "It was written by an older Oche, or by somebody else: write it again",
  });
}

function keyIsGone(context: string): AppError {
  return new AppError(
    "unavailable",
    `Cannot open ${context}: the key that sealed it is not there`,
    { hint: "Put that key back into seal.key; see docs/security.md" },
  );
}
