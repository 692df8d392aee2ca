/** Signed invokes: what is signed, how, and for how long it counts. */
import { createHmac } from "node:crypto";
import { z } from "zod";

export const SIGNATURE_HEADER = {
  /** When it was signed, in milliseconds since 1970. */
  timestamp: "oche-timestamp",
  /** `v1=` and 64 hexadecimal digits; several by commas. */
  signature: "oche-signature",
} as const;

/** How far a timestamp may be from the gateway's clock, in milliseconds. */
export const SIGNATURE_WINDOW_MS = 300_000;

/** What both sides know. */
export const SigningSecret = z.string().regex(
  /^[\x21-\x7e]{32,256}$/,
  "must hold 32 to 256 printable characters without spaces",
);

/** `PUT /api/functions/:name/signing-secret`. */
export const SigningSecretRequest = z.strictObject({
  /** Absent: one is made. */
  secret: SigningSecret.optional(),
});

/** The only time that a secret is shown. */
export const SigningSecretAnswer = z.object({ secret: z.string() });

/**
 * HMAC-SHA256 (RFC 2104) over the timestamp as it is in its header, a full stop,
 * and the raw body.
 */
export function signatureOf(
  secret: string,
  timestamp: string,
  body: Uint8Array | string,
): string {
  const hmac = createHmac("sha256", secret).update(`${timestamp}.`)
    .update(body);
  return `v1=${hmac.digest("hex")}`;
}

/** Secrets by name, sealed where they are stored. */
export interface SecretStore {
  get(name: string): Promise<string | undefined>;
  put(name: string, secret: string): Promise<void>;
  /** Nothing if it is gone. */
  remove(name: string): Promise<void>;
}

/** Remembers what was used, over all gateways. */
export interface ReplayGuard {
  /** @returns whether this is the first time. @throws {AppError} `busy` */
  first(id: string): Promise<boolean>;
}

/** Asked for every request to a function that takes signed ones alone. */
export interface InvokeSignatures {
  /** @throws {AppError} `unauthenticated` */
  check(functionId: string, headers: Headers, body: Uint8Array): Promise<void>;
}
