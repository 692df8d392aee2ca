/** What is told of a trigger that is made, changed or removed. */
import type { EventType, LifecycleEvent } from "../contracts/event.ts";
import type { TriggerRecord } from "../contracts/trigger.ts";

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
