/** `/openapi.json`: the HTTP API as an OpenAPI 3.1 document, made from the schemas. */
import { Hono } from "hono";
import { z } from "zod";
import { CloudRequest, Envelope } from "../src/contracts/cloud.ts";
import { Analysis } from "../src/contracts/deploy.ts";
import {
  DeploymentView,
  FunctionChange,
  FunctionView,
  VersionRecord,
} from "../src/contracts/function.ts";
import { LogList, LogQuery } from "../src/contracts/log.ts";
import { Problem, PROBLEM_TYPE } from "../src/contracts/problem.ts";
import type { GatewayDeps } from "./env.ts";
import { RollbackBody } from "./functions.ts";

const SCHEMAS = {
  Analysis,
  CloudRequest,
  Deployment: DeploymentView,
  Envelope,
  Function: FunctionView,
  FunctionChange,
  FunctionList: z.object({ functions: z.array(FunctionView) }),
  LogList,
  Problem,
  Rollback: RollbackBody,
  Version: VersionRecord,
  VersionList: z.object({ versions: z.array(VersionRecord) }),
};

type SchemaName = keyof typeof SCHEMAS;

interface Operation {
  method: string;
  path: string;
  summary: string;
  scope?: string;
  body?: { type: string; schema?: SchemaName };
  query?: z.ZodObject;
  answers: Record<number, { description: string; schema?: SchemaName }>;
}

const DeployQuery = z.object({
  public: z.enum(["true", "false"]).optional(),
  dryRun: z.enum(["true", "false"]).optional(),
});

const OPERATIONS: Operation[] = [
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
        description: "This content is a version already (or dryRun's analysis)",
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
    answers: { 200: { description: "The function ran", schema: "Envelope" } },
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
    ["/fn/{name}", "/fn/{name}/{path}"].map((path): Operation => ({
      method,
      path,
      summary: "Invoke with the request as it is",
      scope: "invoke, unless the function is public",
      answers: { 200: { description: "What the function answered" } },
    }))
  ),
];

export function openapi({ version }: Pick<GatewayDeps, "version">): Hono {
  const app = new Hono();
  const document = render(version);
  app.get("/openapi.json", (c) => c.json(document));
  return app;
}

function render(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    (paths[operation.path] ??= {})[operation.method] = describe(operation);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Oche", version, license: { name: "Apache-2.0" } },
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        Object.entries(SCHEMAS).map((
          [name, schema],
        ) => [name, jsonSchema(schema)]),
      ),
    },
  };
}

function describe(
  { path, summary, scope, body, query, answers }: Operation,
): unknown {
  const responses = Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => [
      status,
      { description, ...(schema && content("application/json", schema)) },
    ]),
  );
  return {
    summary,
    ...(scope && { description: `Scope: ${scope}`, security: [{ key: [] }] }),
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body && {
      requestBody: body.schema
        ? content(body.type, body.schema)
        : { content: { [body.type]: { schema: { format: "binary" } } } },
    }),
    responses: {
      ...responses,
      default: {
        description: "A problem",
        ...content(PROBLEM_TYPE, "Problem"),
      },
    },
  };
}

function content(type: string, schema: SchemaName) {
  return {
    content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

function pathParameters(path: string): unknown[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodObject | undefined): unknown[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    schema: jsonSchema(schema),
  }));
}

function jsonSchema(schema: z.core.$ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  return rest;
}
