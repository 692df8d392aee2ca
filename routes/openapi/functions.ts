/** The OpenAPI part of functions: deployed, invoked, looked after. */
import { z } from "zod";
import { CloudRequest, Envelope } from "../../src/contracts/cloud.ts";
import { Analysis } from "../../src/contracts/deploy.ts";
import {
  DeploymentView,
  FunctionChange,
  FunctionView,
  VersionRecord,
} from "../../src/contracts/function.ts";
import { LogList, LogQuery } from "../../src/contracts/log.ts";
import { Accepted } from "../async.ts";
import { InvokeQuery } from "../invoke.ts";
import { RollbackBody } from "../functions.ts";
import { apiPart } from "./part.ts";

const DeployQuery = z.object({
  public: z.enum(["true", "false"]).optional(),
  dryRun: z.enum(["true", "false"]).optional(),
});

export const functionsApi = apiPart({
  schemas: {
    Accepted,
    Analysis,
    CloudRequest,
    Deployment: DeploymentView,
    Envelope,
    Function: FunctionView,
    FunctionChange,
    FunctionList: z.object({ functions: z.array(FunctionView) }),
    LogList,
    Rollback: RollbackBody,
    Version: VersionRecord,
    VersionList: z.object({ versions: z.array(VersionRecord) }),
  },
  operations: [
    {
      method: "get",
      path: "/healthz",
      summary: "Whether the process lives",
      answers: { 200: { description: "It does" } },
    },
    {
      method: "get",
      path: "/readyz",
      summary: "Whether what the gateway depends on answers",
      answers: { 200: { description: "It does" } },
    },
    {
      method: "get",
      path: "/api/functions",
      summary: "List functions",
      scope: "read",
      answers: { 200: { description: "All of them", schema: "FunctionList" } },
    },
    {
      method: "get",
      path: "/api/functions/{name}",
      summary: "Show a function",
      scope: "read",
      answers: { 200: { description: "The function", schema: "Function" } },
    },
    {
      method: "delete",
      path: "/api/functions/{name}",
      summary: "Delete a function with all of its versions",
      scope: "deploy",
      answers: { 204: { description: "It is gone" } },
    },
    {
      method: "get",
      path: "/api/functions/{name}/versions",
      summary: "List versions, oldest first",
      scope: "read",
      answers: { 200: { description: "All of them", schema: "VersionList" } },
    },
    {
      method: "patch",
      path: "/api/functions/{name}",
      summary: "Set how its sandboxes are kept; null goes back to the default",
      scope: "deploy",
      body: { type: "application/json", schema: "FunctionChange" },
      answers: { 200: { description: "The function", schema: "Function" } },
    },
    {
      method: "post",
      path: "/api/functions/{name}/rollback",
      summary: "Let another ready version serve",
      scope: "deploy",
      body: { type: "application/json", schema: "Rollback" },
      answers: { 200: { description: "The function", schema: "Function" } },
    },
    {
      method: "post",
      path: "/api/functions/{name}/deployments",
      summary: "Deploy an archive (tar.gz or zip); makes the function at first",
      scope: "deploy",
      query: DeployQuery,
      body: { type: "application/octet-stream" },
      answers: {
        200: {
          description:
            "This content is a version already (or dryRun's analysis)",
          schema: "Deployment",
        },
        201: { description: "A new version serves", schema: "Deployment" },
        202: {
          description: "Accepted (Prefer: respond-async)",
          schema: "Deployment",
        },
      },
    },
    {
      method: "post",
      path: "/api/functions/{name}/invoke",
      summary: "Invoke with an envelope",
      scope: "invoke",
      body: { type: "application/json", schema: "CloudRequest" },
      query: InvokeQuery,
      answers: {
        200: { description: "The function ran", schema: "Envelope" },
        202: {
          description: "Accepted (mode=async, or Prefer: respond-async)",
          schema: "Accepted",
        },
      },
    },
    {
      method: "get",
      path: "/api/functions/{name}/logs",
      summary: "The newest log lines, newest last",
      scope: "read",
      query: LogQuery,
      answers: { 200: { description: "Lines", schema: "LogList" } },
    },
    ...["get", "post", "put", "patch", "delete"].flatMap((method) =>
      ["/fn/{name}", "/fn/{name}/{path}"].map((path) => ({
        method,
        path,
        summary: "Invoke with the request as it is",
        scope: "invoke, unless the function is public",
        answers: {
          200: { description: "What the function answered" },
          202: {
            description: "Accepted (Prefer: respond-async)",
            schema: "Accepted" as const,
          },
        },
      }))
    ),
  ],
});
