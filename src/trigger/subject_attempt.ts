/** One attempt at messages of a stream; what did not run is no attempt. */
import { type CloudRequest, FAILURE_STATUS } from "../contracts/cloud.ts";
import { AppError } from "../contracts/error.ts";
import type { StreamMessage } from "../contracts/message_source.ts";
import type { SubjectTrigger } from "../contracts/trigger.ts";
import { pause } from "./clock.ts";
import type { SubjectDeps } from "./subject_deps.ts";
import { hopsOf, traceparentOf } from "./subject_message.ts";
import { fired } from "./subject_events.ts";
import { continueTrace } from "./trace.ts";

/** Until a runtime that was busy is asked again, in milliseconds. */
export const BUSY_MS = 1_000;

/** @returns why it was no success */
export async function attemptOf(
  deps: SubjectDeps,
  trigger: SubjectTrigger,
  request: CloudRequest,
  messages: StreamMessage[],
  signal: AbortSignal,
): Promise<AppError | undefined> {
  const hops = Math.max(...messages.map(hopsOf));
  const traceparent = continueTrace(
    messages.length === 1 && messages[0]
      ? traceparentOf(messages[0])
      : undefined,
  );
  const { runtime, clock } = deps;
  const context = { hops, traceparent };
  fired(deps, trigger, {
    subject: messages[0]?.subject,
    messages: messages.length,
  }, context);
  for (;;) {
    try {
      const { outcome: { response, error } } = await runtime.invoke(
        trigger.functionId,
        request,
        context,
      );
      if (error) throw error;
      if (response.statusCode < FAILURE_STATUS) return undefined;
      return new AppError(
        "function_failed",
        `The function answered ${response.statusCode}`,
      );
    } catch (thrown) {
      const error = AppError.from(thrown);
      if (!isPassing(error) || signal.aborted) return error;
      await pause(clock, (error.retryAfter ?? 0) * 1000 || BUSY_MS, signal);
    }
  }
}

/** Nothing ran, and another time it may: that is no attempt. */
export function isPassing({ code, isUncertain }: AppError): boolean {
  return code === "busy" || (code === "unavailable" && !isUncertain);
}
