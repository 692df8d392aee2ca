/** Accepts an invocation that nobody waits for: 202, and where to look. */
import type { Context } from "hono";
import { z } from "zod";
import { notReady } from "../src/contracts/absent.ts";
import type { CloudRequest } from "../src/contracts/cloud.ts";
import { traceOf } from "../src/contracts/cloud_event.ts";
import { parseDelay, parseTime } from "../src/contracts/delay.ts";
import { AppError } from "../src/contracts/error.ts";
import type { FunctionRecord } from "../src/contracts/function.ts";
import {
  type AsyncInvocations,
  type CallbackTarget,
  invocationIdOf,
  Priority,
} from "../src/contracts/invocation.ts";
import { parse } from "../src/contracts/parse.ts";
import type { Registry } from "../src/contracts/port.ts";
import { seeVersions } from "./found.ts";
import { refuseOther, requestHash } from "./idempotency.ts";
import { readInvokeOptions } from "./invoke_options.ts";

/** What the 202 says. */
export const Accepted = z.object({
  invocationId: z.string(),
  functionId: z.string(),
  function: z.string(),
  /** Whether this Idempotency-Key was accepted before. */
  duplicate: z.boolean(),
  /** Where its record is. */
  url: z.string(),
});
export type Accepted = z.output<typeof Accepted>;

/** RFC 7240 §4.1. */
export function prefersAsync(headers: Headers): boolean {
  return (headers.get("prefer") ?? "").split(",")
    .some((each) =>
      each.split(";", 1)[0]?.trim().toLowerCase() === "respond-async"
    );
}

/**
 * A call that is waited for cannot be put off.
 *
 * @throws {AppError} `invalid`
 */
export function refuseDelay(headers: Headers): void {
  if (!headers.has("oche-delay") && !headers.has("oche-at")) return;
  throw new AppError("invalid", "Cannot delay a call that is waited for", {
    hint: "Send Prefer: respond-async with it (./oche invoke --async)",
  });
}

export function wantsCallback(headers: Headers): boolean {
  return headers.has("oche-callback-url") ||
    headers.has("oche-callback-subject");
}

export interface AcceptDeps {
  async: AsyncInvocations;
  registry: Pick<Registry, "version">;
  /** Asked when a callback is wanted. @throws {AppError} why it may not be */
  checkCallback(target: CallbackTarget): void;
}

/** Durable when it returns. */
export async function accept(
  c: Context,
  { async: invocations, registry, checkCallback }: AcceptDeps,
  found: FunctionRecord,
  request: CloudRequest,
): Promise<Response> {
  const { id: functionId, name } = found;
  const { headers } = c.req.raw;
  const { version, idempotencyKey, ...options } = readInvokeOptions(headers);
  // An event brings its own.
  const traceparent = options.traceparent ?? traceOf(request.headers);
  await requireVersion(registry, found, version);
  const notBefore = readStart(headers);
  const callback = readCallback(headers);
  if (callback) checkCallback(callback);
  const priority = headers.get("oche-priority");
  const invocationId = idempotencyKey === undefined
    ? crypto.randomUUID()
    : invocationIdOf("idempotency-key", functionId, idempotencyKey);
  const hash = idempotencyKey === undefined
    ? undefined
    : requestHash(invocationId, request);
  const known = hash === undefined
    ? undefined
    : await invocations.find(invocationId);
  const { duplicate } = known ? { duplicate: true } : await invocations.submit({
    functionId,
    request,
    invocationId,
    source: { type: "http" },
    ...(hash !== undefined && { requestHash: hash }),
    ...(version !== undefined && { version }),
    ...(traceparent !== undefined && { traceparent }),
    ...(notBefore !== undefined && { notBefore }),
    ...(callback && { callback }),
    ...(priority !== null && {
      priority: parse(
        z.coerce.number().pipe(Priority),
        priority,
        "the header Oche-Priority",
      ),
    }),
  });
  if (duplicate && hash !== undefined) {
    refuseOther(known ?? await invocations.find(invocationId), hash);
  }
  const url = `/api/invocations/${invocationId}`;
  const accepted: Accepted = {
    invocationId,
    functionId,
    function: name,
    duplicate,
    url,
  };
  return c.json(accepted, 202, {
    location: url,
    "oche-invocation-id": invocationId,
    "preference-applied": "respond-async",
  });
}

/**
 * One that is being built may be ready when its turn comes.
 *
 * @throws {AppError} `not_found`
 */
async function requireVersion(
  registry: Pick<Registry, "version">,
  { id, name, current }: FunctionRecord,
  wanted: number | undefined,
): Promise<void> {
  if (wanted === undefined && current !== null) return;
  const status = wanted === undefined
    ? undefined
    : (await registry.version(id, wanted))?.status;
  if (status !== undefined && status !== "failed") return;
  throw notReady(name, {
    version: wanted ?? null,
    status,
    hint: seeVersions(name),
  });
}

/** When it may start, in milliseconds since 1970. @throws {AppError} `invalid` */
function readStart(headers: Headers): number | undefined {
  const delay = headers.get("oche-delay");
  const at = headers.get("oche-at");
  if (delay !== null && at !== null) {
    throw new AppError("invalid", "Cannot take both Oche-Delay and Oche-At", {
      hint: "Send one of them",
    });
  }
  if (delay !== null) return Date.now() + parseDelay(delay);
  return at === null ? undefined : parseTime(at);
}

function readCallback(headers: Headers): CallbackTarget | undefined {
  const url = headers.get("oche-callback-url") ?? undefined;
  const subject = headers.get("oche-callback-subject") ?? undefined;
  return url === undefined && subject === undefined ? undefined : {
    ...(url !== undefined && { url }),
    ...(subject !== undefined && { subject }),
  };
}
