/** The OpenAPI part of lifecycle events. */
import { EventList, EventQuery } from "../../src/contracts/event.ts";
import { apiPart } from "./part.ts";

export const eventsApi = apiPart({
  schemas: { EventList },
  operations: [{
    method: "get",
    path: "/api/events",
    summary: "The newest lifecycle events, as CloudEvents; " +
      "with Accept: text/event-stream those to come",
    scope: "read",
    query: EventQuery,
    answers: { 200: { description: "Events", schema: "EventList" } },
  }],
});
