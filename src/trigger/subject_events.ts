/** Lifecycle events of messages: those that set a function off, and those that do not. */
import type { SubjectTrigger } from "../contracts/trigger.ts";
import { subject } from "../nats/subject.ts";
import type { SubjectDeps } from "./subject_deps.ts";
import { overlap } from "./subject_rules.ts";

/** Told where the function's frequent events are asked for. */
export function fired(
  { events }: Pick<SubjectDeps, "events">,
  { name, functionId }: SubjectTrigger,
  data: { subject: string | undefined; messages?: number },
  context: { traceparent: string; hops: number },
): void {
  if (!events.wants(functionId)) return;
  events.emit({
    type: "trigger.fired",
    functionId,
    ...context,
    data: { trigger: name, triggerType: "subject", ...data },
  });
}

/** A message that sets nothing off is told of, and logged. */
export function dropped(
  { events, log }: Pick<SubjectDeps, "events" | "log">,
  { name, functionId }: SubjectTrigger,
  data: { subject: string; why: string },
  hops?: number,
): void {
  log.warn("A message sets nothing off", { trigger: name, ...data });
  // Of an event that is dropped no event tells: it would be dropped too.
  if (overlap(data.subject, subject.anyEvent)) return;
  events.emit({
    type: "trigger.dropped",
    functionId,
    hops,
    data: { trigger: name, triggerType: "subject", ...data },
  });
}
