/** What a module of routes adds to the OpenAPI document. */
import type { z } from "zod";

/** @typeParam Name Of the schemas that it may refer to. */
export interface Operation<Name extends string = string> {
  method: string;
  path: string;
  summary: string;
  scope?: string;
  body?: { type: string; schema?: Name };
  query?: z.ZodObject;
  answers: Record<number, { description: string; schema?: Name }>;
}

export interface ApiPart<Name extends string = string> {
  schemas: Record<Name, z.ZodType>;
  operations: Operation<NoInfer<Name>>[];
}

/** Holds the names in operations against those of the schemas. */
export function apiPart<Name extends string>(
  part: ApiPart<Name>,
): ApiPart<Name> {
  return part;
}
