/** What subject triggers need. */
import type { DeadLetters } from "../contracts/dead.ts";
import type { EventSink } from "../contracts/event.ts";
import type { AsyncInvocations } from "../contracts/invocation.ts";
import type { MessageSource } from "../contracts/message_source.ts";
import type { RuntimeClient } from "../contracts/port.ts";
import type { SubjectTrigger, Triggers } from "../contracts/trigger.ts";
import type { Logger } from "../log.ts";
import { subject } from "../nats/subject.ts";
import type { Clock } from "./clock.ts";
import { overlap } from "./subject_rules.ts";

export interface SubjectDeps {
  triggers: Triggers;
  source: MessageSource;
  runtime: Pick<RuntimeClient, "invoke">;
  async: Pick<AsyncInvocations, "submit">;
  dead: Pick<DeadLetters, "add">;
  events: EventSink;
  clock: Clock;
  log: Logger;
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
