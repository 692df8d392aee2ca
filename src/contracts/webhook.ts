/** A webhook trigger: whose deliveries it takes, and how they are proven genuine. */
import { z } from "zod";

export const PROVIDERS = [
  "github",
  "stripe",
  "slack",
  "standard",
  "hmac",
  "token",
] as const;
export type Provider = typeof PROVIDERS[number];

/** How far a delivery's timestamp may be from now unless said, in seconds. */
export const TOLERANCE_SECONDS = 300;

/** How long the secret before the last rotation is still good unless said, in seconds. */
export const PREVIOUS_SECRET_SECONDS = 86_400;

/** RFC 9110 §5.6.2, in lower case as names arrive. */
const HeaderName = z.string().max(128).regex(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  "is not the name of a header",
).transform((name) => name.toLowerCase());

/** With provider `hmac`: where the signature is, and what it is over. */
export const SignatureScheme = z.strictObject({
  header: HeaderName,
  algorithm: z.enum(["sha256", "sha512", "sha1"]).default("sha256"),
  encoding: z.enum(["hex", "base64"]).default("hex"),
  /** What stands before the signature in its header, such as `sha256=`. */
  prefix: z.string().max(32).default(""),
  /** Of a header with seconds or milliseconds since 1970. */
  timestampHeader: HeaderName.optional(),
  /** What is signed; `{body}` is the raw bytes, `{timestamp}` and `{delivery}` the headers. */
  payload: z.string().max(128).regex(
    /^(?:[^{}]|\{(?:body|timestamp|delivery)\})*$/,
    "may hold {body}, {timestamp} and {delivery}, and no other braces",
  ).optional(),
});
export type SignatureScheme = z.output<typeof SignatureScheme>;

/** With provider `token`: where the shared token is. */
export const TokenPlace = z.strictObject({
  in: z.enum(["header", "authorization", "query"]),
  /** Of the header or the query parameter; `authorization` takes a Bearer token. */
  name: z.string().min(1).max(128).regex(
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
    "is not the name of a header or parameter",
  ).optional(),
});
export type TokenPlace = z.output<typeof TokenPlace>;

/** Never shown again once stored; refused without saying what it was. */
export const WebhookSecret = z.string()
  .min(8, "has less than 8 characters")
  .max(1_024, "has more than 1024 characters")
  .regex(/^[\x20-\x7e]+$/, "holds what is not printable ASCII");

/** A secret as it is stored. */
export const SealedSecret = z.object({
  /** Base64 of the sealed bytes. */
  sealed: z.string(),
  createdAt: z.string(),
  /** Not good any more from then on. */
  expiresAt: z.string().optional(),
});
export type SealedSecret = z.output<typeof SealedSecret>;

/** What a caller may set. */
export const webhookShape = {
  type: z.literal("webhook"),
  provider: z.enum(PROVIDERS),
  /** Events that run the function, `payment.*` for all that begin so; absent: all. */
  events: z.array(
    z.string().min(1).max(128).regex(
      /^[\x20-\x7e]+$/,
      "is not the name of an event",
    ),
  ).min(1).max(100).optional(),
  /** `sync` answers with the function's answer, `async` as soon as it is stored. */
  mode: z.enum(["async", "sync"]).default("async"),
  toleranceSeconds: z.int().min(1).max(86_400).default(TOLERANCE_SECONDS),
  signature: SignatureScheme.optional(),
  token: TokenPlace.optional(),
  /** With `hmac` and `token`: the header that names the event. */
  eventHeader: HeaderName.optional(),
  /** With `hmac` and `token`: the header that tells deliveries apart. */
  deliveryHeader: HeaderName.optional(),
};

const WebhookSettings = z.object(webhookShape);

export interface SettingProblem {
  path: string;
  message: string;
}

/** What the settings are to each other that they must not be. */
export function webhookProblems(
  settings: z.output<typeof WebhookSettings> & { secret?: string | undefined },
): SettingProblem[] {
  const { provider, signature, token, secret } = settings;
  const problems: SettingProblem[] = [];
  function refuse(path: string, message: string): void {
    problems.push({ path, message });
  }
  if (provider === "hmac" && !signature) refuse("signature", "is missing");
  if (provider !== "hmac" && signature) refuse("signature", "is for hmac only");
  if (provider !== "token" && token) refuse("token", "is for token only");
  if (provider !== "hmac" && provider !== "token") {
    for (const name of ["eventHeader", "deliveryHeader"] as const) {
      if (settings[name]) refuse(name, "is for hmac and token only");
    }
  }
  if (
    (provider === "hmac" || provider === "token") && settings.events &&
    !settings.eventHeader
  ) {
    refuse("events", "need an eventHeader to be found in");
  }
  const signed = signature?.payload;
  if (signed !== undefined) {
    if (!signed.includes("{body}")) refuse("signature", "leaves out {body}");
    if (signature?.timestampHeader && !signed.includes("{timestamp}")) {
      refuse("signature", "has a timestamp that its payload leaves out");
    }
    if (!signature?.timestampHeader && signed.includes("{timestamp}")) {
      refuse("signature", "has {timestamp} without a timestampHeader");
    }
    if (!settings.deliveryHeader && signed.includes("{delivery}")) {
      refuse("signature", "has {delivery} without a deliveryHeader");
    }
  }
  if (token?.in === "authorization" && secret?.includes(" ")) {
    refuse("secret", "holds a space, which no Bearer token does");
  }
  if (provider === "standard" && secret && !isStandardSecret(secret)) {
    refuse("secret", "is not whsec_ and base64 of 16 to 64 bytes");
  }
  return problems;
}

/** Whether a text is a key of Standard Webhooks; what is not must prove nothing. */
export function isStandardSecret(secret: string): boolean {
  const base64 = secret.replace(/^whsec_/, "").replace(/=+$/, "");
  return /^[A-Za-z0-9+/]{22,86}$/.test(base64) && base64.length % 4 !== 1;
}
