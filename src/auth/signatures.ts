/** Verifies signed invokes: in their time, by the function's secret, once. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "../contracts/error.ts";
import {
  type InvokeSignatures,
  type ReplayGuard,
  type SecretStore,
  SIGNATURE_HEADER,
  SIGNATURE_WINDOW_MS,
  signatureOf,
} from "../contracts/signature.ts";

/** Of one header; a client that exchanges its secret sends two. */
const MAX_SIGNATURES = 4;

const HOW_TO_SIGN = `Send ${SIGNATURE_HEADER.timestamp} and ` +
  `${SIGNATURE_HEADER.signature}, as ./oche invoke --sign does; ` +
  "see docs/security.md";
const SIGN_ANEW =
  "Sign timestamp and body anew for each request; see docs/security.md";
const MAKE_SECRET = "Make one: ./oche signing-secret NAME, " +
  "or PUT /api/functions/NAME/signing-secret";

const encoder = new TextEncoder();

export function newSigningSecret(): string {
  return `ochesig_${randomBytes(32).toString("base64url")}`;
}

/** Where the secret of a function is among all secrets. */
export function signingSecretName(functionId: string): string {
  return `sign.${functionId}`;
}

export function invokeSignatures({ secrets, replays, now = Date.now }: {
  secrets: Pick<SecretStore, "get">;
  replays: ReplayGuard;
  now?: () => number;
}): InvokeSignatures {
  return {
    async check(functionId, headers, body) {
      const timestamp = headers.get(SIGNATURE_HEADER.timestamp) ?? "";
      const given = (headers.get(SIGNATURE_HEADER.signature) ?? "")
        .split(",", MAX_SIGNATURES).map((each) => each.trim());
      if (timestamp === "" || given[0] === "") {
        throw refused("it is not signed", HOW_TO_SIGN);
      }
      if (!/^\d{13}$/.test(timestamp)) {
        throw refused("the timestamp is not in milliseconds since 1970");
      }
      if (Math.abs(Number(timestamp) - now()) > SIGNATURE_WINDOW_MS) {
        throw refused("the timestamp is too far from this server's clock");
      }
      const secret = await secrets.get(signingSecretName(functionId));
      if (secret === undefined) {
        throw refused("the function has no secret yet", MAKE_SECRET);
      }
      const expected = signatureOf(secret, timestamp, body);
      if (!given.some((each) => isSame(each, expected))) {
        throw refused("the signature is wrong");
      }
      if (!await replays.first(digestOf(`${functionId} ${expected}`))) {
        throw refused("the signature was used before");
      }
    },
  };
}

/** In a time that does not depend on where they differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [encoder.encode(given), encoder.encode(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function refused(why: string, hint = SIGN_ANEW): AppError {
  return new AppError("unauthenticated", `Cannot take the request: ${why}`, {
    hint,
  });
}
