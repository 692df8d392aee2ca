/**
 * The JSON that a request or an answer came as, kept beside it: what passes
 * through a program as it is need not be encoded again.
 */
import { encodeUtf8 } from "./utf8.ts";

const sources = new WeakMap<object, Uint8Array>();

/** Keeps the JSON of a value, which must not be changed from now on. */
export function keepJson<Value extends object>(
  value: Value,
  json: Uint8Array,
): Value {
  sources.set(value, json);
  return value;
}

/** The JSON of a value: what it came as, or encoded now. */
export function jsonOf(value: object): Uint8Array {
  return sources.get(value) ?? encodeUtf8(JSON.stringify(value));
}
