/** Flags about retries and flow control, as the API has them; `default` unsets. */
import { parseDelay } from "../contracts/delay.ts";
import { AppError } from "../contracts/error.ts";
import { asValue } from "./input.ts";

export interface FlowFlags {
  /** JSON. */
  retry?: string | undefined;
  concurrencyKey?: string | undefined;
  keyConcurrency?: string | undefined;
  /** `10/PT1M`: so many starts in any interval. */
  rate?: string | undefined;
  debounceMs?: string | undefined;
  priority?: string | undefined;
}

/** What the server is asked; it says what is wrong with a value. */
export function flowChange(
  { retry, concurrencyKey, keyConcurrency, rate, debounceMs, priority }:
    FlowFlags,
): Record<string, unknown> {
  return {
    retry: unlessDefault(retry, asValue),
    concurrencyKey: unlessDefault(concurrencyKey, (text) => text),
    keyConcurrency: numberOrNull(keyConcurrency),
    rate: unlessDefault(rate, readRate),
    debounceMs: numberOrNull(debounceMs),
    priority: numberOrNull(priority),
  };
}

/** The server says what is wrong with a number that is none. */
export function numberOrNull(
  text: string | undefined,
): number | string | null | undefined {
  return unlessDefault(
    text,
    (given) => /^-?\d+(?:\.\d+)?$/.test(given) ? Number(given) : given,
  );
}

function unlessDefault<Value>(
  text: string | undefined,
  read: (text: string) => Value,
): Value | null | undefined {
  if (text === undefined) return undefined;
  return text === "default" ? null : read(text);
}

function readRate(text: string): { limit: number; intervalMs: number } {
  const [, limit, interval] = /^(\d+)\/(.+)$/.exec(text) ?? [];
  if (limit === undefined || interval === undefined) {
    throw new AppError("invalid", `Cannot read the rate "${text}"`, {
      hint: "Write 10/PT1M, or 10/60 for seconds",
    });
  }
  return { limit: Number(limit), intervalMs: parseDelay(interval) };
}
