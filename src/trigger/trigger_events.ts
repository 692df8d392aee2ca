/** Lifecycle events of triggers: made, changed, removed, and webhooks that fire. */
import type { EventType, LifecycleEvent } from "../contracts/event.ts";
import { invocationIdOf } from "../contracts/invocation.ts";
import type { TriggerRecord, WebhookTrigger } from "../contracts/trigger.ts";

export function triggerEvent(
  type: EventType & `trigger.${"created" | "updated" | "removed"}`,
  { name, type: triggerType, functionId, enabled }: TriggerRecord,
): LifecycleEvent {
  return {
    type,
    functionId,
    data: { trigger: name, triggerType, enabled },
  };
}

/** A repeated delivery is told of once: its event has the same id. */
export function webhookEvent(
  { name, functionId }: WebhookTrigger,
  { invocationId, event, delivery }: {
    invocationId: string;
    event?: string | undefined;
    delivery: string;
  },
): LifecycleEvent {
  return {
    type: "trigger.fired",
    id: invocationIdOf("event", invocationId, "fired"),
    functionId,
    data: {
      trigger: name,
      triggerType: "webhook",
      invocationId,
      event,
      delivery,
    },
  };
}
