/** What subject triggers need. */
import type { DeadLetters } from "../contracts/dead.ts";
import type { EventSink } from "../contracts/event.ts";
import type { AsyncInvocations } from "../contracts/invocation.ts";
import type { MessageSource } from "../contracts/message_source.ts";
import type { RuntimeClient } from "../contracts/port.ts";
import type { Triggers } from "../contracts/trigger.ts";
import type { Logger } from "../log.ts";
import type { Clock } from "./clock.ts";

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
