/** The OpenAPI part of asynchronous invocations and dead letters. */
import {
  DeadBulk,
  DeadFilter,
  DeadLetter,
  DeadList,
} from "../../src/contracts/dead.ts";
import {
  InvocationPage,
  InvocationQuery,
  InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { DeadBulkBody, Redriven } from "../dead.ts";
import { apiPart } from "./part.ts";

const ANY_KEY = "invoke or read, unless the function is public";

export const asyncApi = apiPart({
  schemas: {
    DeadBulk,
    DeadBulkBody,
    DeadLetter,
    DeadList,
    Invocation: InvocationRecord,
    InvocationPage,
    Redriven,
  },
  operations: [
    {
      method: "get",
      path: "/api/functions/{name}/invocations",
      summary: "List asynchronous invocations, newest first",
      scope: "read",
      query: InvocationQuery,
      answers: { 200: { description: "A page", schema: "InvocationPage" } },
    },
    {
      method: "get",
      path: "/api/invocations/{id}",
      summary: "Show an asynchronous invocation",
      scope: ANY_KEY,
      answers: { 200: { description: "Its record", schema: "Invocation" } },
    },
    {
      method: "get",
      path: "/api/invocations/{id}/result",
      summary: "The function's answer, as it would have been",
      scope: ANY_KEY,
      answers: { 200: { description: "What the function answered" } },
    },
    {
      method: "delete",
      path: "/api/invocations/{id}",
      summary: "Cancel: what waits never runs, what runs is ended",
      scope: "invoke",
      answers: { 200: { description: "Its record", schema: "Invocation" } },
    },
    {
      method: "get",
      path: "/api/dead",
      summary: "List dead letters, oldest first",
      scope: "read",
      query: DeadFilter,
      answers: { 200: { description: "Letters", schema: "DeadList" } },
    },
    {
      method: "get",
      path: "/api/dead/{id}",
      summary: "Show a dead letter with what was asked",
      scope: "read",
      answers: { 200: { description: "The letter", schema: "DeadLetter" } },
    },
    {
      method: "post",
      path: "/api/dead/{id}/redrive",
      summary: "Run a dead letter again",
      scope: "deploy",
      answers: {
        202: { description: "The new invocation", schema: "Redriven" },
      },
    },
    {
      method: "delete",
      path: "/api/dead/{id}",
      summary: "Drop a dead letter",
      scope: "deploy",
      answers: { 204: { description: "It is gone" } },
    },
    ...["redrive", "drop"].map((verb) => ({
      method: "post",
      path: `/api/dead/${verb}`,
      summary: `${
        verb === "drop" ? "Drop" : "Run again"
      } dead letters of a filter, at a limited rate`,
      scope: "deploy",
      body: {
        type: "application/json",
        schema: "DeadBulkBody" as const,
      },
      answers: {
        200: { description: "How many", schema: "DeadBulk" as const },
      },
    })),
  ],
});
