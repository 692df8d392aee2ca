import { deepStrictEqual, strictEqual } from "node:assert";
import { SubjectTrigger } from "../../src/contracts/trigger.ts";
import { createLogger } from "../../src/log.ts";
import { dropped, fired } from "../../src/trigger/subject_events.ts";
import { recordedEvents } from "../support/recorded_events.ts";

const log = createLogger(() => {});
const TRIGGER = SubjectTrigger.parse({
  id: crypto.randomUUID(),
  functionId: crypto.randomUUID(),
  name: "listen",
  type: "subject",
  subject: "orders.>",
  createdAt: new Date().toISOString(),
  updatedAt: new Date().toISOString(),
});
const CONTEXT = { traceparent: "00-a-b-01", hops: 1 };

Deno.test("fired() tells where the function's frequent events are asked for", () => {
  const silent = recordedEvents();
  fired({ events: silent }, TRIGGER, { subject: "orders.new" }, CONTEXT);
  deepStrictEqual(silent.told, []);
  const events = recordedEvents([TRIGGER.functionId]);
  const data = { subject: "orders.new", messages: 2 };
  fired({ events }, TRIGGER, data, CONTEXT);
  deepStrictEqual(events.told, [{
    type: "trigger.fired",
    functionId: TRIGGER.functionId,
    ...CONTEXT,
    data: { trigger: "listen", triggerType: "subject", ...data },
  }]);
});

Deno.test("dropped() tells of every message but an event", () => {
  const events = recordedEvents();
  const why = "it is hop 16";
  dropped({ events, log }, TRIGGER, { subject: "orders.new", why }, 16);
  dropped({ events, log }, TRIGGER, {
    subject: "functions.event.trigger.fired",
    why,
  });
  strictEqual(events.told.length, 1);
  deepStrictEqual(events.told[0]?.data, {
    trigger: "listen",
    triggerType: "subject",
    subject: "orders.new",
    why,
  });
});
