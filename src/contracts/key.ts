/** API keys: what they are and what they may do. */
import { z } from "zod";

export const SCOPES = ["admin", "deploy", "invoke", "read"] as const;
export type Scope = typeof SCOPES[number];

/** `*` stands for any characters, `?` for one. */
export const FunctionPattern = z.string().regex(
  /^[a-z0-9*?-]{1,63}$/,
  "must hold at most 63 of a-z, 0-9, -, * and ?",
);

/** What somebody says of a key to be made. */
export const KeyRequest = z.strictObject({
  /** For people; several keys may have the same. */
  name: z.string().regex(
    /^[\p{L}\p{N}][\p{L}\p{N}\p{P}\p{S} ]{0,99}$/u,
    "must be 1 to 100 letters, digits, signs and spaces",
  ),
  /** `admin` includes every scope. */
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  /** Absent: every function, and what belongs to none. */
  functions: z.array(FunctionPattern).min(1).max(50).optional(),
  /** Absent: never. */
  expiresAt: z.iso.datetime().optional(),
});
export type KeyRequest = z.output<typeof KeyRequest>;

/** A key as it is stored. */
export const ApiKey = z.object({
  ...KeyRequest.shape,
  id: z.string().regex(/^[0-9a-z]{1,32}$/),
  /** SHA-256 of the key, in hexadecimal; the key itself is nowhere on the server. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  revokedAt: z.string().optional(),
});
export type ApiKey = z.output<typeof ApiKey>;

/** A key as the API shows it. */
export const KeyView = ApiKey.omit({ sha256: true });
export type KeyView = z.output<typeof KeyView>;

/** The answer to a request for a key: the only time that it is shown. */
export const CreatedKey = KeyView.extend({ key: z.string() });
export type CreatedKey = z.output<typeof CreatedKey>;

/** What is stored of keys; reads come from a view that a watch keeps fresh. */
export interface KeyStore {
  find(sha256: string): ApiKey | undefined;
  /** Oldest first. */
  list(): ApiKey[];
  /** @throws {AppError} `conflict` when there are too many */
  add(key: ApiKey): Promise<void>;
  /** Again is harmless. @throws {AppError} `not_found` */
  revoke(id: string): Promise<ApiKey>;
}

/** What a request's key is looked up in. */
export interface KeyRing {
  find(sha256: string): ApiKey | undefined;
  /** The name of the function that a URL means, by name or id. */
  nameOf(ref: string): Promise<string | undefined>;
  /** Counts a request of a key that may. @throws {AppError} `busy` */
  admit(key: ApiKey): void;
}
