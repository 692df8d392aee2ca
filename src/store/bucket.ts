/** A KV bucket with a schema: parsed values out, compare-and-set with bounded retry in. */
import type { KV } from "@nats-io/kv";
import type { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parseJson } from "../contracts/parse.ts";
import { isOutrun } from "../nats/api_error.ts";

const MAX_TRIES = 20;

export interface Stored<Value> {
  value: Value;
  revision: number;
}

export async function read<Schema extends z.ZodType>(
  kv: KV,
  schema: Schema,
  key: string,
): Promise<Stored<z.output<Schema>> | undefined> {
  const entry = await kv.get(key);
  if (!entry || entry.operation !== "PUT") return undefined;
  return {
    value: parseJson(schema, entry.string(), `the record ${key}`),
    revision: entry.revision,
  };
}

/** Creates a key. @returns its revision, or undefined when it exists */
export async function create(
  kv: KV,
  key: string,
  value: unknown,
): Promise<number | undefined> {
  try {
    return await kv.create(key, JSON.stringify(value));
  } catch (error) {
    if (isOutrun(error)) return undefined;
    throw error;
  }
}

/** @returns the new revision, or undefined when the last one is not this */
export async function replace(
  kv: KV,
  key: string,
  value: unknown,
  revision: number,
): Promise<number | undefined> {
  try {
    return await kv.update(key, JSON.stringify(value), revision);
  } catch (error) {
    if (isOutrun(error)) return undefined;
    throw error;
  }
}

/**
 * Changes a value, again when somebody else was faster.
 *
 * @throws {AppError} `not_found` when the key is gone, `conflict` when others
 * were faster every time
 */
export async function change<Schema extends z.ZodType>(
  kv: KV,
  schema: Schema,
  key: string,
  edit: (value: z.output<Schema>) => z.output<Schema>,
): Promise<Stored<z.output<Schema>>> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await read(kv, schema, key);
    if (!stored) {
      throw new AppError("not_found", `Cannot change "${key}": it is gone`);
    }
    const value = edit(stored.value);
    const revision = await replace(kv, key, value, stored.revision);
    if (revision !== undefined) return { value, revision };
  }
  throw new AppError("conflict", `Cannot change "${key}": too many writers`, {
    hint: "Try again",
  });
}
