/** The quoting of .env.config: `KEY=value` lines that carry any value (spec, "Environment Config"). */
import { AppError } from "../../src/contracts/error.ts";

const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Printable ASCII but space, quotes, backslash, `#`, `$` and backtick. */
const BARE = /^[!%&()*+,\-./0-9:;<=>?@A-Z[\]^_a-z{|}~]*$/;

const BLANK = /^[ \t]*$/;

/**
 * A value that could be misread goes out as a JSON string literal; the others
 * stay bare, so that the file reads as the spec shows it.
 *
 * @throws {AppError} `invalid` for a key that no environment variable can have
 */
export function formatEnvFile(env: Record<string, string>): string {
  return Object.entries(env).map(([key, value]) => {
    if (!KEY.test(key)) {
      throw new AppError("invalid", `Cannot set "${key}": it is not a name`, {
        hint: "Use letters, digits and _, and no digit first",
      });
    }
    return `${key}=${BARE.test(value) ? value : JSON.stringify(value)}\n`;
  }).join("");
}

/**
 * Of a repeated key, the last value. Blank lines and those that start with `#`
 * say nothing.
 *
 * @throws {AppError} `invalid`, naming the line
 */
export function parseEnvFile(text: string): Record<string, string> {
  const entries = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (BLANK.test(line) || line.startsWith("#")) continue;
    const [key, value] = parseLine(line, index + 1);
    entries.set(key, value);
  }
  // Own properties, whatever the key: an assignment of __proto__ would be lost.
  return Object.fromEntries(entries);
}

function parseLine(line: string, number: number): [string, string] {
  const equals = line.indexOf("=");
  if (equals < 0) throw badLine(number, "it has no =");
  const key = line.slice(0, equals);
  if (!KEY.test(key)) throw badLine(number, "its key is not a name");
  const value = line.slice(equals + 1);
  if (!value.startsWith('"')) return [key, value];
  try {
    return [key, JSON.parse(value)];
  } catch (cause) {
    throw badLine(number, "its quoted value is not a JSON string", cause);
  }
}

function badLine(number: number, state: string, cause?: unknown): AppError {
  return new AppError(
    "invalid",
    `Cannot read line ${number} of .env.config: ${state}`,
    { hint: 'Write KEY=value, or KEY="…" with JSON escapes', cause },
  );
}
