/** Which version a call means. */
import { noFunction, notReady } from "../../src/contracts/absent.ts";
import type {
  FunctionRecord,
  VersionRecord,
} from "../../src/contracts/function.ts";
import type { Registry } from "../../src/contracts/port.ts";

/**
 * @param ref Name or id.
 * @param wanted A version instead of the current one.
 * @throws {AppError} `not_found`
 */
export async function resolveVersion(
  registry: Registry,
  ref: string,
  wanted: number | undefined,
): Promise<{ record: FunctionRecord; version: VersionRecord }> {
  const record = await registry.find(ref);
  if (!record) throw noFunction(ref);
  const number = wanted ?? record.current;
  const version = number === null
    ? undefined
    : await registry.version(record.id, number);
  if (version?.status === "ready") return { record, version };
  throw notReady(record.name, {
    version: number,
    status: version?.status,
    hint: `See which are ready: ./oche versions ${record.name} ` +
      `(GET /api/functions/${record.name}/versions)`,
  });
}
