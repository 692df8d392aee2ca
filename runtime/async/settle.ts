/** After the end: the dead letter, what follows, and the message goes. */
import type {
  QueuedMessage,
  StoredInvocation,
} from "../../src/contracts/async_queue.ts";
import type { DeadLetter } from "../../src/contracts/dead.ts";
import { callBack } from "./callback.ts";
import type { AsyncDeps } from "./deps.ts";

/**
 * Each step may run again after a crash; the last one ends that.
 *
 * @returns when to go on, in milliseconds since 1970; undefined when it is over
 */
export async function settle(
  deps: Pick<
    AsyncDeps,
    "dead" | "followUps" | "queue" | "invocations" | "callbacks"
  >,
  queued: QueuedMessage,
  stored: StoredInvocation,
): Promise<number | undefined> {
  const { record } = stored;
  const { message } = queued.content;
  // Once a callback is under way the rest is done: a letter that was dropped
  // meanwhile must not come back.
  if ((record.callback?.attempts ?? 0) === 0) {
    if (record.state === "dead") await deps.dead.add(letterOf(queued, record));
    if (message) {
      for (const followUp of deps.followUps) await followUp(record, message);
    }
  }
  const until = await callBack(deps, stored);
  if (until === undefined) await deps.queue.remove(queued.entry);
  return until;
}

function letterOf(
  { content: { message } }: QueuedMessage,
  record: StoredInvocation["record"],
): DeadLetter {
  const lastError = record.error?.detail ?? record.attempts.at(-1)?.error;
  return {
    id: record.id,
    functionId: record.functionId,
    reason: record.reason ?? "exhausted",
    deadAt: record.endedAt ?? record.createdAt,
    attempts: record.attempt,
    ...(lastError !== undefined && { lastError }),
    ...(record.logs !== undefined && { logs: record.logs }),
    record,
    ...(message && { message }),
  };
}
