/** What a trigger reaches beside its own function: a key must reach it too. */
import type { NewTrigger, TriggerRecord } from "../contracts/trigger.ts";
import { overlap } from "./subject_rules.ts";
import { subject } from "../nats/subject.ts";

export interface Reach {
  /** Another function that it sets off. */
  function?: string;
  /** Whether it hears of every function. */
  all: boolean;
}

export function reachOf(trigger: NewTrigger | TriggerRecord): Reach {
  switch (trigger.type) {
    case "chain":
      return {
        ...("function" in trigger.to && { function: trigger.to.function }),
        all: false,
      };
    case "subject":
      return {
        all: [trigger.subject].flat()
          .some((each) => overlap(each, subject.anyEvent)),
      };
    default:
      return { all: false };
  }
}
