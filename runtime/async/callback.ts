/** Tells an outcome to who asked for it, again until it is heard or given up. */
import type { StoredInvocation } from "../../src/contracts/async_queue.ts";
import type { Told } from "../../src/contracts/callback.ts";
import type {
  CallbackState,
  InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { DEFAULT_RETRY, retryDelay } from "../../src/contracts/retry.ts";
import type { AsyncDeps } from "./deps.ts";

/** Over about an hour. */
const POLICY = {
  ...DEFAULT_RETRY,
  maxAttempts: 10,
  initialDelayMs: 2_000,
  factor: 3,
  maxDelayMs: 900_000,
};
/** A try is nobody else's for so long, in milliseconds. */
const LEASE_MS = 15_000;

/** Whether somebody waits to be told. */
export function isOwed({ state, callback }: InvocationRecord): boolean {
  return callback?.status === "pending" && state !== "cancelled";
}

/** @returns when to go on, in milliseconds since 1970; undefined when it is over */
export async function callBack(
  { invocations, callbacks }: Pick<AsyncDeps, "invocations" | "callbacks">,
  stored: StoredInvocation,
): Promise<number | undefined> {
  const { callback } = stored.record;
  if (!callback || !isOwed(stored.record)) return undefined;
  const now = Date.now();
  const due = callback.nextAt ? Date.parse(callback.nextAt) : 0;
  if (due > now) return due;

  const attempts = callback.attempts + 1;
  const leased = await invocations.update(stored, {
    ...stored.record,
    callback: { ...callback, attempts, nextAt: iso(now + LEASE_MS) },
  });
  if (!leased) return now;
  const told = await callbacks.tell(leased.record);
  const after = afterTry({ ...callback, attempts }, told, Date.now());
  await invocations.update(leased, { ...leased.record, callback: after });
  return after.nextAt === undefined ? undefined : Date.parse(after.nextAt);
}

function afterTry(
  { nextAt: _next, error: _error, ...callback }: CallbackState,
  told: Told,
  now: number,
): CallbackState {
  if (told.kind === "delivered") return { ...callback, status: "delivered" };
  const { error, isFinal, retryAfterMs } = told;
  if (isFinal || callback.attempts >= POLICY.maxAttempts) {
    return { ...callback, status: "failed", error };
  }
  const delay = retryDelay(POLICY, callback.attempts, Math.random());
  // A receiver may ask for time, but not for ever.
  const wait = Math.max(delay, Math.min(retryAfterMs, POLICY.maxDelayMs));
  return { ...callback, status: "pending", error, nextAt: iso(now + wait) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
