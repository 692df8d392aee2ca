/** The boundary: unknown in, typed value out, `AppError` otherwise. */
import type { z } from "zod";
import { AppError } from "./error.ts";

/**
 * Reads a value that came from outside.
 *
 * @param what Names the value in the message, as in `Cannot read the body`.
 * @throws {AppError} `invalid`, saying every problem found.
 */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError(
    "invalid",
    `Cannot read ${what}: ${describe(result.error)}`,
    { cause: result.error },
  );
}

/** Every problem with its place, in one line. */
function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message
  ).join("; ");
}

/**
 * Reads JSON text that came from outside.
 *
 * @throws {AppError} `invalid` when the text is not JSON or not of the schema.
 */
export function parseJson<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  what: string,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", `Cannot read ${what}: it is not JSON`, {
      cause,
    });
  }
  return parse(schema, value, what);
}
