/** Tells an outcome: POSTs it signed to a URL, publishes it on a subject. */
import { Webhook } from "standardwebhooks";
import type { Callbacks, Told } from "../contracts/callback.ts";
import { AppError } from "../contracts/error.ts";
import type { InvocationRecord } from "../contracts/invocation.ts";
import { readRetryAfter } from "../contracts/retry.ts";
import { isPublicAddress } from "./address.ts";
import { type AllowedHost, allowedTarget, type Target } from "./hosts.ts";
import { type Connection, post, type PostAnswer } from "./post.ts";

const GONE = 410;

export interface CallbackDeps {
  hosts: readonly AllowedHost[];
  /** `whsec_…` (Standard Webhooks); undefined: no URL is called. */
  secret: string | undefined;
  /** Of a host, every address that it has. */
  resolve(host: string): Promise<string[]>;
  /** To an address, never to a name: a name could mean another one by now. */
  connect(
    target: { address: string; host: string; port: number; isTls: boolean },
    signal: AbortSignal,
  ): Promise<Connection>;
  /** On NATS; resolves when the server has it. */
  publish(subject: string, text: string): Promise<void>;
  /** For one try, in milliseconds. */
  timeoutMs: number;
}

export function callbacks(deps: CallbackDeps): Callbacks {
  return {
    async tell(record) {
      const { callback } = record;
      try {
        const text = payloadOf(record);
        // A subject has no answer: it is told with the first try.
        if (callback?.subject !== undefined && callback.attempts <= 1) {
          await deps.publish(callback.subject, text);
        }
        if (callback?.url === undefined) return { kind: "delivered" };
        return judge(await call(deps, callback.url, record, text));
      } catch (thrown) {
        const { code, message } = thrown instanceof AppError
          ? thrown
          : new AppError("unavailable", "Cannot reach the receiver");
        const isFinal = code === "forbidden" || code === "invalid";
        return { kind: "refused", error: message, isFinal, retryAfterMs: 0 };
      }
    },
  };
}

async function call(
  deps: CallbackDeps,
  url: string,
  record: InvocationRecord,
  text: string,
): Promise<PostAnswer> {
  const target = allowedTarget(url, deps.hosts);
  const headers = signedHeaders(deps.secret, record.id, text);
  const signal = AbortSignal.timeout(deps.timeoutMs);
  const address = await addressOf(deps, target);
  using connection = await deps.connect({ ...target, address }, signal);
  const late = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => late.reject(tooLate()));
  late.promise.catch(() => {});
  return await Promise.race([
    post(connection, {
      url: target.url,
      headers,
      body: new TextEncoder().encode(text),
    }),
    late.promise,
  ]);
}

/**
 * Resolved once: whatever the name means later, this is what is dialled. One
 * address that is not public refuses the name with all of its others.
 */
async function addressOf(
  { resolve }: CallbackDeps,
  { host }: Target,
): Promise<string> {
  const addresses = await resolve(host);
  const [first] = addresses;
  if (first === undefined) {
    throw new AppError("unavailable", `Cannot find the host "${host}"`);
  }
  const refused = addresses.find((each) => !isPublicAddress(each));
  if (refused === undefined) return first;
  throw new AppError(
    "forbidden",
    `Cannot call back "${host}": its address is not public`,
  );
}

function signedHeaders(
  secret: string | undefined,
  id: string,
  text: string,
): Record<string, string> {
  if (secret === undefined) {
    throw new AppError("forbidden", "Cannot call back: there is no secret", {
      hint: "Set OCHE_CALLBACK_SECRET",
    });
  }
  const now = new Date();
  return {
    "content-type": "application/json",
    "user-agent": "oche",
    "oche-invocation-id": id,
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign(id, now, text),
  };
}

/** As Standard Webhooks has it: a type, a time, and what happened. */
function payloadOf(record: InvocationRecord): string {
  const { callback: _callback, attempts: _attempts, ...data } = record;
  return JSON.stringify({
    type: `invocation.${record.state}`,
    timestamp: record.endedAt,
    data,
  });
}

function judge({ status, retryAfter }: PostAnswer): Told {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  return {
    kind: "refused",
    error: `The receiver answered ${status}`,
    // Nobody follows a redirection here: it would lead around the checks.
    isFinal: status === GONE,
    retryAfterMs: readRetryAfter(retryAfter, Date.now()),
  };
}

function tooLate(): AppError {
  return new AppError("timeout", "The receiver did not answer in time");
}
