/** After the end: the dead letter, what follows, and the message goes. */
import type {
  QueuedMessage,
  StoredInvocation,
} from "../../src/contracts/async_queue.ts";
import type { DeadLetter } from "../../src/contracts/dead.ts";
import type { AsyncDeps } from "./deps.ts";

/** Each step may run again after a crash; the last one ends that. */
export async function settle(
  { dead, followUps, queue }: Pick<AsyncDeps, "dead" | "followUps" | "queue">,
  queued: QueuedMessage,
  { record }: StoredInvocation,
): Promise<void> {
  const { message } = queued.content;
  if (record.state === "dead") await dead.add(letterOf(queued, record));
  if (message) {
    for (const followUp of followUps) await followUp(record, message);
  }
  await queue.remove(queued.entry);
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
