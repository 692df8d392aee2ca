/** An invocation that has ended, however it was asked for. */
import type { AsyncMessage } from "../contracts/async_queue.ts";
import {
  type CloudRequest,
  type CloudResponse,
  FAILURE_STATUS,
} from "../contracts/cloud.ts";
import type { LifecycleEvent } from "../contracts/event.ts";
import {
  invocationIdOf,
  type InvocationRecord,
  type InvocationSource,
} from "../contracts/invocation.ts";
import type { InvokeOptions, InvokeReply } from "../contracts/port.ts";
import { type Problem, toProblem } from "../contracts/problem.ts";

export interface Ended {
  functionId: string;
  invocationId: string;
  mode: "sync" | "async";
  state: "succeeded" | "failed" | "dead";
  source?: InvocationSource | undefined;
  version?: number | undefined;
  attempt?: number | undefined;
  durationMs?: number | undefined;
  traceparent?: string | undefined;
  hops: number;
  /** Of the answer, where there is one. */
  statusCode?: number | undefined;
  /** The answer; it may be left out where only events are told. */
  response?: CloudResponse | undefined;
  /** Why there is no answer, or why it was the last one. */
  problem?: Problem | undefined;
}

/** @returns undefined for one that came to no outcome: it was cancelled */
export function endedAsync(
  record: InvocationRecord,
  { traceparent, hops = 0 }: AsyncMessage,
  response: CloudResponse | undefined,
): Ended | undefined {
  const { state, functionId, id, source, version, attempt, error } = record;
  if (state !== "succeeded" && state !== "failed" && state !== "dead") {
    return undefined;
  }
  return {
    functionId,
    invocationId: id,
    mode: "async",
    state,
    source,
    version,
    attempt,
    durationMs: record.attempts.at(-1)?.durationMs,
    traceparent,
    hops,
    statusCode: record.result?.statusCode,
    response,
    problem: error,
  };
}

export function endedSync(
  functionId: string,
  { headers }: CloudRequest,
  { traceparent, hops = 0 }: InvokeOptions,
  { invocationId, version, durationMs, outcome }: InvokeReply,
): Ended {
  const { response, error } = outcome;
  const isFailure = error !== undefined ||
    response.statusCode >= FAILURE_STATUS;
  return {
    functionId,
    invocationId,
    mode: "sync",
    state: isFailure ? "failed" : "succeeded",
    version,
    durationMs,
    traceparent: traceparent ?? headers["traceparent"],
    hops,
    statusCode: response?.statusCode,
    response,
    problem: error && toProblem(error),
  };
}

/** What is told of it. */
export function endedEvent(ended: Ended): LifecycleEvent {
  const { functionId, invocationId, state, traceparent, hops, ...rest } = ended;
  const { response: _, problem, ...data } = rest;
  return {
    type: `invocation.${state}`,
    id: invocationIdOf("event", invocationId, state),
    functionId,
    traceparent,
    hops,
    data: {
      invocationId,
      ...data,
      ...(problem && { problem }),
    },
  };
}
