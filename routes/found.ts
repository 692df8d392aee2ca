/** Looks up the function that a URL names. */
import { noFunction } from "../src/contracts/absent.ts";
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
  throw noFunction(ref);
}

/** A hint. */
export function seeVersions(name: string): string {
  return `See which there are: ./oche versions ${name} ` +
    `(GET /api/functions/${name}/versions)`;
}
