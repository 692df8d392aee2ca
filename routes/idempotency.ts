/** `Idempotency-Key`: the same key is the same invocation, of the same request. */
import { createHash } from "node:crypto";
import type { CloudRequest } from "../src/contracts/cloud.ts";
import { AppError } from "../src/contracts/error.ts";
import type { InvocationRecord } from "../src/contracts/invocation.ts";

/** Tells requests of one key apart; headers differ when a request is repeated. */
export function requestHash(
  invocationId: string,
  { method, path, query, queryAll, body, isBase64Encoded }: CloudRequest,
): string {
  const parts = [
    ...[invocationId, method, path],
    queryAll ?? query,
    body,
    isBase64Encoded ?? false,
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

/**
 * @param known What was accepted under the key.
 * @throws {AppError} `key_reused` when that was another request
 */
export function refuseOther(
  known: InvocationRecord | undefined,
  hash: string,
): void {
  if (known?.requestHash === undefined || known.requestHash === hash) return;
  throw new AppError(
    "key_reused",
    "Cannot accept the request: its Idempotency-Key came with another one",
    { hint: "Send the request as it was then, or a new key" },
  );
}
