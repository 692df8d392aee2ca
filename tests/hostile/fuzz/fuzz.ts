/**
 * Properties that any input must keep to, tried with random ones. The seed is
 * in the test's name; `OCHE_FUZZ_SEED` with it tries the same inputs again,
 * `OCHE_FUZZ_RUNS` says how many, `OCHE_LONG=1` takes many.
 */
import { ok } from "node:assert";
import fc from "fast-check";
import { AppError, type ErrorCode } from "../../../src/contracts/error.ts";

const RUNS = Number(
  Deno.env.get("OCHE_FUZZ_RUNS") ?? (Deno.env.get("OCHE_LONG") ? 20_000 : 500),
);
const SEED = Number(
  Deno.env.get("OCHE_FUZZ_SEED") ?? Math.floor(Math.random() * 2 ** 31),
);

/** @param cost How many plain runs one takes as long as. */
export function fuzz<Input>(
  it: string,
  input: fc.Arbitrary<Input>,
  hold: (input: Input) => void | Promise<void>,
  cost = 1,
): void {
  const numRuns = Math.max(5, Math.ceil(RUNS / cost));
  Deno.test(`${it} (seed ${SEED}, ${numRuns} runs)`, async () => {
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        await hold(value);
      }),
      { seed: SEED, numRuns },
    );
  });
}

/**
 * What the work gives; undefined when it refuses with one of the codes.
 *
 * @throws whatever else is thrown
 */
export async function orRefused<Value>(
  codes: ErrorCode[],
  work: () => Value | Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    ok(error instanceof AppError, describe(error));
    ok(codes.includes(error.code), describe(error));
    return undefined;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.stack}` : String(error);
}

/** Text as people and their enemies write it. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "__proto__",
    "constructor",
    "toString",
    "null",
    "NaN",
    "-1",
    "1e999",
    "0x10",
    "9007199254740993",
    "\r\nSet-Cookie: a=b",
    "\0",
    "\uFEFF",
    "\uD800",
    "../../etc/passwd",
    "%2e%2e%2f",
    "${7*7}",
    "*",
    ">",
    " ",
  ),
);

/** Any JSON value, with keys that are also a schema's. */
export function jsonWith(...keys: string[]): fc.Arbitrary<unknown> {
  const key = keys.length > 0 ? fc.oneof(fc.constantFrom(...keys), text) : text;
  const leaf = fc.oneof(
    text,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 6 }),
    ),
  }));
  return value;
}

/** A text with pieces cut out, doubled and put in. */
export function edited(
  texts: readonly string[],
  tokens: readonly string[],
): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat({ max: 40 }),
    inserted: fc.array(fc.constantFrom(...tokens), { maxLength: 4 }),
  });
  return fc.tuple(
    fc.constantFrom(...texts),
    fc.array(edit, { minLength: 1, maxLength: 8 }),
  ).map(([source, edits]) =>
    edits.reduce((whole, { at, removed, inserted }) => {
      const start = Math.floor(at * whole.length);
      return whole.slice(0, start) + inserted.join("") +
        whole.slice(start + removed);
    }, source)
  );
}
