/** What a schema refuses, as a sentence: what was expected, and what came. */
import type { z } from "zod";

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** Of a value that is named in a sentence. */
const MAX_SAID_CHARS = 40;
/** Of an object that are named in a sentence. */
const MAX_KEYS = 8;

/** Of a union without a sentence of its own: see what its options say. */
const SEE_OPTIONS = "";

const KIND: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const FORMAT: Record<string, string> = {
  uuid: "must be a UUID",
  datetime: "must be a time such as 2030-01-31T12:00:00Z",
  url: "must be a URL",
  base64: "must be base64",
};

/**
 * For `safeParse`; what a schema says itself comes first.
 *
 * @param root What is parsed: an issue names it as it came, not as it was
 * coerced.
 */
export function sentences(root: unknown): z.core.$ZodErrorMap {
  return (issue) => sentenceOf(issue, root);
}

function sentenceOf(issue: RawIssue, root: unknown): string {
  const came = isNoNumber(issue.input)
    ? at(root, issue.path ?? []) ?? issue.input
    : issue.input;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${
        KIND[issue.expected] ?? `of the type ${issue.expected}`
      }, ${butIs(came)}`;
    case "invalid_value":
      return `must be ${oneOf(issue.values)}, ${butIs(came)}`;
    case "invalid_union":
      if (issue.discriminator !== undefined) {
        const given = at(issue.input, [issue.discriminator]);
        return `must be ${oneOf(optionsOf(issue))}, ${butIs(given)}`;
      }
      return issue.errors.every((each) => each.some(isOtherKind))
        ? `must be ${kindsOf(issue.errors.flat())}, ${butIs(came)}`
        : SEE_OPTIONS;
    case "unrecognized_keys":
      return `there is no field ${
        issue.keys.slice(0, MAX_KEYS)
          .map(said).join(", ")
      }`;
    case "too_small":
      return issue.origin !== "number" && Number(issue.minimum) === 1
        ? "must not be empty"
        : bound(issue, issue.inclusive ? "at least" : "more than");
    case "too_big":
      return bound(issue, issue.inclusive ? "at most" : "less than");
    case "invalid_format":
      return FORMAT[issue.format] ?? pattern(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}, ${butIs(came)}`;
    case "invalid_key":
      return `the name ${issue.issues[0]?.message ?? "is not allowed"}`;
    default:
      return "is not allowed";
  }
}

function optionsOf(issue: RawIssue): unknown[] {
  return "options" in issue && Array.isArray(issue["options"])
    ? issue["options"]
    : [];
}

/** What the options of a union are. */
function kindsOf(issues: Issue[]): string {
  const kinds = issues.flatMap((each) =>
    each.code === "invalid_type" ? [KIND[each.expected] ?? each.expected] : []
  );
  return Array.from(new Set(kinds)).join(" or ");
}

function oneOf(values: readonly unknown[]): string {
  const all = values.map(said);
  return all.length > 1 ? `one of ${all.join(", ")}` : all.join();
}

function bound(
  issue: Extract<RawIssue, { code: "too_small" | "too_big" }>,
  how: string,
): string {
  const limit = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const { input } = issue;
  if (typeof input === "string") {
    return `must have ${how} ${limit} characters, not ${input.length}`;
  }
  if (Array.isArray(input)) {
    return `must hold ${how} ${limit}, not ${input.length}`;
  }
  return `must be ${how} ${limit}, ${butIs(input)}`;
}

function pattern(
  issue: Extract<RawIssue, { code: "invalid_format" }>,
): string {
  if (typeof issue["prefix"] === "string") {
    return `must begin with ${said(issue["prefix"])}`;
  }
  return issue.pattern === undefined
    ? `is not of the format ${issue.format}`
    : `must match ${issue.pattern}`;
}

function butIs(value: unknown): string {
  return value === undefined ? "but is missing" : `not ${said(value)}`;
}

function said(value: unknown): string {
  if (typeof value === "string") {
    return value.length > MAX_SAID_CHARS
      ? `${JSON.stringify(value.slice(0, MAX_SAID_CHARS))}…`
      : JSON.stringify(value);
  }
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null
    ? "an object"
    : String(value);
}

function isNoNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isNaN(value);
}

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? Reflect.get(value, key)
        : undefined,
    root,
  );
}

/** A sentence and what it is about. */
export interface Place {
  path: PropertyKey[];
  message: string;
}

/** What an error says; of a union, what its nearest option says. */
export function placesOf({ issues }: z.ZodError): Place[] {
  return issues.flatMap(placesOfIssue).map(({ path, message }) => ({
    path,
    message: path.length > 0 ? message : asSentence(message),
  }));
}

function placesOfIssue(issue: Issue): Place[] {
  const { code, path, message } = issue;
  if (code !== "invalid_union" || message !== SEE_OPTIONS) {
    return [{ path, message }];
  }
  const options = issue.errors.map((each) => each.flatMap(placesOfIssue));
  const [nearest = []] = options.filter((_, index) =>
    !issue.errors[index]?.some(isOtherKind)
  ).sort((a, b) => a.length - b.length);
  return nearest.map((each) => ({ ...each, path: [...path, ...each.path] }));
}

/** An option that the value cannot have been meant for. */
function isOtherKind({ code, path }: Issue): boolean {
  return code === "invalid_type" && path.length === 0;
}

/** Without a name before it. */
function asSentence(message: string): string {
  return /^(must|is|has|holds|may) /.test(message) ? `it ${message}` : message;
}
