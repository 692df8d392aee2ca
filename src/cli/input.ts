/** What options hold or point at: text, `@file`, `@-`, and pairs. */
import { AppError } from "../contracts/error.ts";
import type { CliDeps } from "./deps.ts";

/** `@file` and `@-` name where the text is. @throws {AppError} `not_found` */
export async function readText(
  { cwd }: CliDeps,
  text: string | undefined,
  flag: string,
): Promise<string | undefined> {
  if (!text?.startsWith("@")) return text;
  if (text === "@-") return await new Response(Deno.stdin.readable).text();
  const path = text.slice(1);
  try {
    return await Deno.readTextFile(
      path.startsWith("/") ? path : `${cwd}/${path}`,
    );
  } catch (cause) {
    throw new AppError("not_found", `Cannot read "${path}"`, {
      hint: `Give ${flag} a text, @file or @-`,
      cause,
    });
  }
}

/** JSON when it is that, else the text itself. */
export function asValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @throws {AppError} `invalid` when one has no separator */
export function pairs(
  given: string[],
  separator: string,
  flag: string,
): Record<string, string> {
  return Object.fromEntries(given.map((each) => {
    const at = each.indexOf(separator);
    if (at > 0) return [each.slice(0, at).trim(), each.slice(at + 1).trim()];
    throw new AppError("invalid", `Cannot read ${flag} "${each}"`, {
      hint: `Write it as name${separator}value`,
    });
  }));
}
