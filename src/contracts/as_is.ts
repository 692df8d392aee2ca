/**
 * Requests and answers that their schemas would leave as they are. Nearly all
 * are so, and every call has two of each: a schema takes three times as long to
 * find out. Whatever is doubtful is left to the schema.
 */
import type { CloudRequest, CloudResponse } from "./cloud.ts";

const MAX_NAME = 256;
const MAX_VALUE = 65_536;

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const LOWER_CASE_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
// deno-lint-ignore no-control-regex -- Those are what it is about.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** @param value Decoded from JSON. */
export function isRequestAsIs(value: unknown): value is CloudRequest {
  if (!isObject(value)) return false;
  for (const key in value) {
    if (!isRequestField(key, value[key])) return false;
  }
  const { method, path, headers, query, body } = value;
  return method !== undefined && path !== undefined && headers !== undefined &&
    query !== undefined && body !== undefined;
}

/**
 * @param value Decoded from JSON.
 * @param also A field that it may have besides, of any value.
 */
export function isResponseAsIs(
  value: unknown,
  also?: string,
): value is CloudResponse {
  if (!isObject(value)) return false;
  for (const key in value) {
    if (key !== also && !isResponseField(key, value[key])) return false;
  }
  const { statusCode, headers, body } = value;
  return statusCode !== undefined && headers !== undefined &&
    body !== undefined;
}

function isRequestField(key: string, value: unknown): boolean {
  switch (key) {
    case "method":
      return typeof value === "string" && value.length <= MAX_NAME &&
        METHOD.test(value);
    case "path":
      return typeof value === "string" && value.length <= MAX_VALUE;
    case "headers":
      return isMap(value, isHeader);
    case "query":
      return isMap(value, (_name, each) => typeof each === "string");
    case "queryAll":
      return isMap(
        value,
        (_name, each) =>
          Array.isArray(each) && each.every((one) => typeof one === "string"),
      );
    default:
      return key === "body";
  }
}

function isResponseField(key: string, value: unknown): boolean {
  switch (key) {
    case "statusCode":
      return Number.isInteger(value) && Number(value) >= 200 &&
        Number(value) <= 599;
    case "headers":
      return isMap(
        value,
        (name, each) =>
          Array.isArray(each)
            ? isName(name) && each.every(isHeaderValue)
            : isHeader(name, each),
      );
    case "encoding":
      return value === "json";
    default:
      return key === "body";
  }
}

function isHeader(name: string, value: unknown): boolean {
  return isName(name) && isHeaderValue(value);
}

function isName(name: string): boolean {
  return name.length <= MAX_NAME && LOWER_CASE_NAME.test(name);
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === "string" && value.length <= MAX_VALUE &&
    !CONTROL.test(value);
}

function isMap(
  value: unknown,
  isEntry: (name: string, value: unknown) => boolean,
): boolean {
  if (!isObject(value)) return false;
  for (const name in value) {
    if (name === "__proto__" || !isEntry(name, value[name])) return false;
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
