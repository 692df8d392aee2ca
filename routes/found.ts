/** Looks up the function that a URL names. */
import { AppError } from "../src/contracts/error.ts";
import { type FunctionRecord, FunctionRef } from "../src/contracts/function.ts";
import { parse } from "../src/contracts/parse.ts";
import type { Registry } from "../src/contracts/port.ts";

/** @throws {AppError} `invalid` when it is no name, `not_found` */
export async function foundFunction(
  registry: Registry,
  ref: string,
): Promise<FunctionRecord> {
  const known = parse(FunctionRef, ref, `"${ref}"`);
  const record = await registry.find(known);
  if (record) return record;
  throw new AppError("not_found", `Cannot find function "${ref}"`, {
    hint: "List what is deployed: ./oche list (GET /api/functions)",
  });
}

/** A hint. */
export function seeVersions(name: string): string {
  return `See which there are: ./oche versions ${name} ` +
    `(GET /api/functions/${name}/versions)`;
}
