/** The boundary: unknown in, typed value out, `AppError` otherwise. */
import type { z } from "zod";
import { AppError } from "./error.ts";
import { decodeJson } from "./json.ts";
import { placesOf, sentences } from "./sentence.ts";

/** Whoever wrote the value chose how much is wrong with it. */
const MAX_PROBLEMS = 8;
const MAX_CHARS = 1_000;
const MAX_NAME_CHARS = 120;

/**
 * Reads a value that came from outside.
 *
 * @param what Names the value in the message, as in `Cannot read the body`.
 * @throws {AppError} `invalid`, saying what is wrong and where.
 */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value, { error: sentences(value) });
  if (result.success) return result.data;
  throw new AppError(
    "invalid",
    `Cannot read ${clip(what, MAX_NAME_CHARS)}: ${describe(result.error)}`,
    { hint: "Correct what is named, and try again", cause: result.error },
  );
}

/** The problems with their places, in one line. */
function describe(error: z.ZodError): string {
  const places = placesOf(error);
  const said = places.slice(0, MAX_PROBLEMS).map(({ path, message }) =>
    path.length > 0
      ? `${clip(path.join("."), MAX_NAME_CHARS)}: ${message}`
      : message
  );
  const left = places.length - said.length;
  if (left > 0) said.push(`and ${left} more`);
  return clip(said.join("; "), MAX_CHARS);
}

function clip(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars)}…` : text;
}

/**
 * Reads JSON text that came from outside.
 *
 * @param isAsIs Tells, faster than the schema, of values that this would leave
 * as they are.
 * @throws {AppError} `invalid` when the text is not JSON, too deep, or not of
 * the schema.
 */
export function parseJson<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  what: string,
  isAsIs?: (value: unknown) => value is z.output<Schema>,
): z.output<Schema> {
  let value: unknown;
  try {
    value = decodeJson(text);
  } catch (cause) {
    const why = cause instanceof RangeError ? cause.message : "it is not JSON";
    throw new AppError("invalid", `Cannot read ${what}: ${why}`, {
      hint: "Send JSON in UTF-8 (RFC 8259)",
      cause,
    });
  }
  return isAsIs?.(value) ? value : parse(schema, value, what);
}
