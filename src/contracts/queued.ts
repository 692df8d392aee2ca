/** What is known of an invocation that nobody has taken yet: its message. */
import type { QueuedMessage, QueueEntry } from "./async_queue.ts";
import type { InvocationRecord } from "./invocation.ts";

/** With what the message says. */
export function queuedRecord(
  { entry, content: { message } }: QueuedMessage,
): InvocationRecord {
  return {
    ...waitingRecord(entry),
    ...(message && {
      source: message.source,
      ...(message.version !== undefined && { version: message.version }),
      ...(message.redriveOf && { redriveOf: message.redriveOf }),
      ...(message.hops !== undefined && { hops: message.hops }),
      ...(message.requestHash !== undefined && {
        requestHash: message.requestHash,
      }),
      ...(message.callback && {
        callback: { ...message.callback, status: "pending", attempts: 0 },
      }),
    }),
  };
}

/** From the headers of the message alone. */
export function waitingRecord(
  { functionId, invocationId, acceptedAt, notBefore, debounceMs }: QueueEntry,
): InvocationRecord {
  const due = Math.max(notBefore, debounceMs > 0 ? acceptedAt + debounceMs : 0);
  return {
    id: invocationId,
    functionId,
    state: "queued",
    attempt: 0,
    attempts: [],
    source: { type: "http" },
    createdAt: new Date(acceptedAt).toISOString(),
    ...(due > acceptedAt && {
      notBefore: new Date(due).toISOString(),
      firstDue: new Date(due).toISOString(),
    }),
  };
}
