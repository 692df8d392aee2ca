/** Messages of a stream that are given up. */
import type { CloudRequest } from "../contracts/cloud.ts";
import type { AppError } from "../contracts/error.ts";
import { invocationIdOf } from "../contracts/invocation.ts";
import type { StreamMessage } from "../contracts/message_source.ts";
import type { SubjectTrigger } from "../contracts/trigger.ts";
import type { SubjectDeps } from "./subject_deps.ts";
import { hopsOf } from "./subject_message.ts";

/** Among the dead letters of the function, to be run again from there. */
export async function bury(
  { dead, clock, events }: SubjectDeps,
  { id: trigger, name, functionId }: SubjectTrigger,
  messages: StreamMessage[],
  { request, error, attempt }: {
    request: CloudRequest | undefined;
    error: AppError;
    attempt: number;
  },
): Promise<void> {
  const places = messages.map(({ stream, seq }) => `${stream}.${seq}`);
  const id = invocationIdOf("subject", trigger, ...places);
  await dead.add({
    id,
    functionId,
    reason: request ? "exhausted" : "unreadable",
    deadAt: new Date(clock.now()).toISOString(),
    attempts: attempt,
    lastError: error.message,
    ...(request && {
      message: {
        functionId,
        invocationId: id,
        request,
        source: { type: "subject", trigger },
        hops: Math.max(...messages.map(hopsOf)),
      },
    }),
  });
  events.emit({
    type: "invocation.dead",
    id: invocationIdOf("event", id, "dead"),
    functionId,
    hops: Math.max(...messages.map(hopsOf)),
    data: {
      invocationId: id,
      trigger: name,
      attempt,
      why: error.message,
      messages: places,
    },
  });
}
