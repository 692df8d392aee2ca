/** Which version a call means. */
import { noFunction, notReady } from "../../src/contracts/absent.ts";
import type {
  FunctionRecord,
  VersionRecord,
} from "../../src/contracts/function.ts";
import type { Registry, StoredVersion } from "../../src/contracts/port.ts";

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
  const known = await look(registry, ref, wanted);
  const { record, version } = known.version?.status === "ready"
    ? known
    // Whoever deployed it may have heard of it before this runtime does.
    : await registry.stored(ref, wanted);
  if (!record) throw noFunction(ref);
  if (version?.status === "ready") return { record, version };
  throw notReady(record.name, {
    version: wanted ?? record.current,
    status: version?.status,
    hint: `See which are ready: ./oche versions ${record.name} ` +
      `(GET /api/functions/${record.name}/versions)`,
  });
}

async function look(
  registry: Registry,
  ref: string,
  wanted: number | undefined,
): Promise<StoredVersion> {
  const record = await registry.find(ref);
  const number = wanted ?? record?.current;
  if (!record || typeof number !== "number") return {};
  const version = await registry.version(record.id, number);
  return { record, ...(version && { version }) };
}
