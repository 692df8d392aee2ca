/** `/openapi.json`: the HTTP API as an OpenAPI 3.1 document, made from the schemas. */
import { Hono } from "hono";
import { z } from "zod";
import { Problem, PROBLEM_TYPE } from "../src/contracts/problem.ts";
import type { GatewayDeps } from "./env.ts";
import { eventsApi } from "./openapi/events.ts";
import { asyncApi } from "./openapi/async.ts";
import { functionsApi } from "./openapi/functions.ts";
import { hooksApi } from "./openapi/hooks.ts";
import { keysApi } from "./openapi/keys.ts";
import { signingApi } from "./openapi/signing.ts";
import type { ApiPart, Operation } from "./openapi/part.ts";
import { storageApi } from "./openapi/storage.ts";
import { triggersApi } from "./openapi/triggers.ts";

/** Each module of routes has its part. */
const PARTS: ApiPart[] = [
  asyncApi,
  functionsApi,
  eventsApi,
  hooksApi,
  keysApi,
  signingApi,
  storageApi,
  triggersApi,
];

export function openapi({ version }: Pick<GatewayDeps, "version">): Hono {
  const app = new Hono();
  const document = render(version);
  app.get("/openapi.json", (c) => c.json(document));
  return app;
}

function render(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of PARTS.flatMap((part) => part.operations)) {
    (paths[operation.path] ??= {})[operation.method] = describe(operation);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Oche", version, license: { name: "Apache-2.0" } },
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        [{ Problem }, ...PARTS.map(({ schemas }) => schemas)]
          .flatMap(Object.entries<z.ZodType>)
          .map(([name, schema]) => [name, jsonSchema(schema)]),
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

function content(type: string, schema: string) {
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
