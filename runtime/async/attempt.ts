/** One attempt: the function is called, and the record says what came of it. */
import type {
  AsyncMessage,
  StoredInvocation,
} from "../../src/contracts/async_queue.ts";
import { bodySize } from "../../src/contracts/body.ts";
import type { CloudRequest, CloudResponse } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { FunctionRecord } from "../../src/contracts/function.ts";
import {
  type InvocationRecord,
  type InvocationResult,
  resultName,
} from "../../src/contracts/invocation.ts";
import { DEFAULT_RETRY } from "../../src/contracts/retry.ts";
import type { AsyncDeps } from "./deps.ts";
import {
  conclude,
  giveUp,
  type Outcome,
  outcomeOf,
  postpone,
  type Postponed,
  refusalOf,
} from "./outcome.ts";
import { persist, untilDone } from "./persist.ts";

/** A larger answer lies in the object store, in bytes. */
const MAX_INLINE_BYTES = 64 * 1024;

export interface AttemptSignals {
  /** Ends what runs. */
  cancelled: AbortSignal;
  /** Stops waiting for NATS. */
  stopping: AbortSignal;
  /** Told when its key gave it a place: there may be another one. */
  onPlace(): void;
}

/**
 * Runs what the record says is running here.
 *
 * @returns the record after it; undefined when somebody else changed it
 */
export async function attempt(
  deps: AsyncDeps,
  message: AsyncMessage,
  running: StoredInvocation,
  { settings }: FunctionRecord,
  { cancelled, stopping }: AttemptSignals,
): Promise<StoredInvocation | undefined> {
  const policy = settings.retry ?? DEFAULT_RETRY;
  const came = await call(deps, message, running.record, cancelled);
  const conclusion = { policy, now: Date.now(), chance: Math.random() };
  let next: InvocationRecord;
  if ("postponedMs" in came) {
    next = postpone(running.record, came, conclusion);
  } else if (came.error?.code === "not_found") {
    next = giveUp(running.record, "no_version", came.error, conclusion.now);
  } else {
    const { response } = came;
    const result = response &&
      await untilDone(
        stopping,
        () => keep(deps, running.record.id, response),
      );
    next = conclude(running.record, came, { ...conclusion, result });
  }
  return await persist(deps, running, next, stopping);
}

async function call(
  { invoke }: AsyncDeps,
  { functionId, request, version, traceparent, hops }: AsyncMessage,
  { id, attempt }: InvocationRecord,
  signal: AbortSignal,
): Promise<Outcome | Postponed> {
  try {
    const reply = await invoke(
      functionId,
      asSeen(request, { id, attempt, traceparent }),
      { version, invocationId: id, signal, hops },
    );
    return outcomeOf(reply);
  } catch (thrown) {
    return refusalOf(thrown) ??
      { error: AppError.from(thrown), failure: "crash" };
  }
}

/** What the function is told of being called so; nobody else can say it. */
function asSeen(
  request: CloudRequest,
  { id, attempt, traceparent }: {
    id: string;
    attempt: number;
    traceparent: string | undefined;
  },
): CloudRequest {
  return {
    ...request,
    headers: {
      ...(traceparent !== undefined && { traceparent }),
      ...request.headers,
      "oche-invocation-id": id,
      "oche-attempt": String(attempt),
    },
  };
}

/** The answer as a record holds it. */
async function keep(
  { payloads }: AsyncDeps,
  id: string,
  response: CloudResponse,
): Promise<InvocationResult> {
  const bytes = bodySize(response);
  const { body, isBase64Encoded, ...rest } = response;
  if (bytes <= MAX_INLINE_BYTES) {
    return {
      ...rest,
      body,
      ...(isBase64Encoded && { isBase64Encoded }),
      bytes,
    };
  }
  await payloads.put(
    resultName(id),
    new TextEncoder().encode(JSON.stringify(response)),
  );
  return { ...rest, bytes, isStored: true };
}
