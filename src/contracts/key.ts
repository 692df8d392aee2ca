/** API keys: what they are and what they may do. */
import { z } from "zod";

export const SCOPES = ["admin", "deploy", "invoke", "read"] as const;
export type Scope = typeof SCOPES[number];

export const ApiKey = z.object({
  /** SHA-256 of the key, in hexadecimal; the key itself is nowhere on the server. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** `admin` includes every scope. */
  scopes: z.array(z.enum(SCOPES)).min(1),
});
export type ApiKey = z.output<typeof ApiKey>;
