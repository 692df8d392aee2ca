/** What a schema cannot say of a trigger: whether its time or its subject can be used. */
import type { NewTrigger } from "../contracts/trigger.ts";
import { readSchedule } from "./schedule.ts";
import { checkListen, checkPublish, checkStream } from "./subject_rules.ts";

/** @throws {AppError} `invalid` */
export function checkTrigger(trigger: NewTrigger): void {
  switch (trigger.type) {
    case "cron":
      readSchedule(trigger.expression, trigger.timeZone);
      break;
    case "subject":
      [trigger.subject].flat().forEach(checkListen);
      if (trigger.stream !== undefined) checkStream(trigger.stream);
      break;
    case "chain":
      if ("subject" in trigger.to) checkPublish(trigger.to.subject);
      break;
    case "webhook":
      break;
  }
}
