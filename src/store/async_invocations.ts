/** AsyncInvocations on the queue and the records: submit, find, cancel, list. */
import { CloudResponse } from "../contracts/cloud.ts";
import { AppError } from "../contracts/error.ts";
import { DEFAULT_PRIORITY, flowKey, keyToken } from "../contracts/flow.ts";
import type { FunctionRecord } from "../contracts/function.ts";
import {
  type AsyncInvocations,
  type AsyncSubmission,
  hasEnded,
  type InvocationPage,
  type InvocationQuery,
  type InvocationRecord,
  resultName,
} from "../contracts/invocation.ts";
import { parseJson } from "../contracts/parse.ts";
import type { ObjectStore, Registry } from "../contracts/port.ts";
import type { Order, WritableQueue } from "./async_queue.ts";
import { queuedRecord, waitingRecord } from "../contracts/queued.ts";
import { newestFirst } from "./invocation_page.ts";
import type { SearchableInvocations } from "./invocations.ts";

const DAY_MS = 86_400_000;
/** How far ahead a start may be, in milliseconds. */
const MAX_DELAY_MS = 30 * DAY_MS;
const MAX_TRIES = 20;
/** Invocations whose function is remembered. */
const REMEMBERED = 20_000;

export interface AsyncInvocationsDeps {
  queue: WritableQueue;
  invocations: SearchableInvocations;
  payloads: ObjectStore;
  registry: Registry;
  /** Tells every runtime that an invocation is to end. */
  announceCancel(invocationId: string): void;
}

export function asyncInvocations(
  { queue, invocations, payloads, registry, announceCancel }:
    AsyncInvocationsDeps,
): AsyncInvocations {
  /** Of what passed here: whoever submits looks again soon. */
  const functionOf = new Map<string, string>();

  function remember(id: string, functionId: string): void {
    functionOf.set(id, functionId);
    const [oldest] = functionOf.keys();
    if (functionOf.size > REMEMBERED && oldest !== undefined) {
      functionOf.delete(oldest);
    }
  }

  async function found(id: string): Promise<InvocationRecord | undefined> {
    const functionId = functionOf.get(id);
    const stored = await invocations.find(id, functionId);
    if (stored) return stored.record;
    const queued = await queue.find(id, functionId);
    if (queued) return queuedRecord(queued);
    // It may have been taken and ended between the two looks.
    return (await invocations.find(id, functionId))?.record;
  }

  /** Writes the last state. @returns what was before, or undefined to try again */
  async function end(id: string): Promise<InvocationRecord | undefined> {
    const stored = await invocations.find(id);
    const queued = stored ? undefined : await queue.find(id);
    const before = stored?.record ?? (queued && queuedRecord(queued));
    if (!before) throw notFound(id);
    if (hasEnded(before.state)) {
      throw new AppError(
        "conflict",
        `Cannot cancel the invocation: it is ${before.state}`,
        { hint: seeRecord(id) },
      );
    }
    const record = cancelled(before);
    const written = stored
      ? await invocations.update(stored, record)
      : await invocations.create(record);
    return written && before;
  }

  return {
    async submit(submission) {
      const record = await registry.find(submission.functionId);
      if (!record) {
        throw new AppError("not_found", "Cannot invoke: no such function", {
          hint: "List what is deployed: ./oche list (GET /api/functions)",
        });
      }
      const invocationId = submission.invocationId ?? crypto.randomUUID();
      const isWaiting = await queue.publish(
        { ...submission, invocationId },
        orderOf(submission, record),
      );
      remember(invocationId, submission.functionId);
      return { invocationId, duplicate: isWaiting };
    },

    find: found,

    async result(id) {
      const record = await found(id);
      const result = record?.result;
      if (!record || !result) throw notFound(id, record);
      const { bytes: _bytes, isStored, ...response } = result;
      if (!isStored) return CloudResponse.parse(response);
      const text = new TextDecoder().decode(await payloads.get(resultName(id)));
      return parseJson(CloudResponse, text, "the result");
    },

    async cancel(id) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const before = await end(id);
        if (!before) continue;
        announceCancel(id);
        // Who runs it removes it; what nobody runs would lie there for days.
        const queued = before.state === "running"
          ? undefined
          : await queue.find(id);
        if (queued) await queue.remove(queued.entry);
        return await found(id) ?? cancelled(before);
      }
      throw new AppError("conflict", "Cannot cancel: too many writers", {
        hint: "Try again",
      });
    },

    async list(functionId, query): Promise<InvocationPage> {
      const waiting = await queue.waiting(functionId);
      const known = new Set<string>();
      async function* all(): AsyncGenerator<InvocationRecord> {
        for await (const record of invocations.ofFunction(functionId)) {
          known.add(record.id);
          yield record;
        }
        for (const entry of waiting) {
          if (!known.has(entry.invocationId)) yield waitingRecord(entry);
        }
      }
      return await newestFirst(all(), query satisfies InvocationQuery);
    },
  };
}

function orderOf(
  { request, notBefore = 0, priority, concurrencyKey }: AsyncSubmission,
  { settings }: FunctionRecord,
): Order {
  if (notBefore > Date.now() + MAX_DELAY_MS) {
    throw new AppError("invalid", "Cannot wait so long: at most 30 days", {
      hint: "Give an earlier time",
    });
  }
  const key = concurrencyKey ??
    (settings.concurrencyKey && flowKey(settings.concurrencyKey, request));
  return {
    notBefore,
    priority: priority ?? settings.priority ?? DEFAULT_PRIORITY,
    key: key === undefined ? undefined : keyToken(key),
    debounceMs: settings.debounceMs ?? 0,
  };
}

function cancelled(before: InvocationRecord): InvocationRecord {
  const { notBefore: _, ...record } = before;
  return { ...record, state: "cancelled", endedAt: new Date().toISOString() };
}

function seeRecord(id: string): string {
  return `See ./oche invocations show ${id} (GET /api/invocations/${id})`;
}

function notFound(id: string, record?: InvocationRecord): AppError {
  return record
    ? new AppError(
      "not_found",
      `Cannot find a result of the invocation: it is ${record.state}`,
      {
        hint: hasEnded(record.state)
          ? `It has ended without one. ${seeRecord(id)}`
          : `Ask again once it has ended. ${seeRecord(id)}`,
      },
    )
    : new AppError("not_found", `Cannot find the invocation "${id}"`, {
      hint: "Records are kept for some days; was it another installation?",
    });
}
