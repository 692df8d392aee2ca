/** The OpenAPI part of triggers. */
import { z } from "zod";
import { NextQuery, NextTimes } from "../../src/contracts/cron.ts";
import {
  NewTrigger,
  TriggerChange,
  TriggerCreated,
  TriggerView,
} from "../../src/contracts/trigger.ts";
import { apiPart, type Operation } from "./part.ts";

const SCHEMAS = {
  NewTrigger,
  NextTimes,
  Trigger: TriggerView,
  TriggerChange,
  TriggerCreated,
  TriggerList: z.object({ triggers: z.array(TriggerView) }),
};

/** One trigger, found by its function or by itself. */
function oneTrigger(path: string): Operation<keyof typeof SCHEMAS>[] {
  return [
    {
      method: "get",
      path,
      summary: "Show a trigger; never its secret",
      scope: "read",
      answers: { 200: { description: "The trigger", schema: "Trigger" } },
    },
    {
      method: "patch",
      path,
      summary: "Pause or resume it, rotate its secret, change its settings",
      scope: "deploy",
      body: { type: "application/json", schema: "TriggerChange" },
      answers: { 200: { description: "The trigger", schema: "Trigger" } },
    },
    {
      method: "delete",
      path,
      summary: "Remove a trigger",
      scope: "deploy",
      answers: { 204: { description: "It is gone" } },
    },
  ];
}

function nextTimes(path: string): Operation<keyof typeof SCHEMAS> {
  return {
    method: "get",
    path,
    summary: "When a cron trigger fires next",
    scope: "read",
    query: NextQuery,
    answers: { 200: { description: "Times", schema: "NextTimes" } },
  };
}

export const triggersApi = apiPart({
  schemas: SCHEMAS,
  operations: [
    {
      method: "get",
      path: "/api/triggers",
      summary: "List the triggers of all functions",
      scope: "read",
      answers: { 200: { description: "All of them", schema: "TriggerList" } },
    },
    ...oneTrigger("/api/triggers/{trigger}"),
    nextTimes("/api/triggers/{trigger}/next"),
    {
      method: "get",
      path: "/api/functions/{name}/triggers",
      summary: "List the triggers of a function",
      scope: "read",
      answers: { 200: { description: "All of them", schema: "TriggerList" } },
    },
    {
      method: "post",
      path: "/api/functions/{name}/triggers",
      summary: "Add a trigger: webhook, cron, subject or chain",
      scope: "deploy",
      body: { type: "application/json", schema: "NewTrigger" },
      answers: {
        201: { description: "It is added", schema: "TriggerCreated" },
      },
    },
    ...oneTrigger("/api/functions/{name}/triggers/{trigger}"),
    nextTimes("/api/functions/{name}/triggers/{trigger}/next"),
  ],
});
