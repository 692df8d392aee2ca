/** Which version a call means. */
import { AppError } from "../../src/contracts/error.ts";
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
  if (!record) {
    throw new AppError("not_found", `Cannot find function "${ref}"`, {
      hint: "List what is deployed: ./oche list (GET /api/functions)",
    });
  }
  const number = wanted ?? record.current;
  const hint = `See which are ready: ./oche versions ${record.name} ` +
    `(GET /api/functions/${record.name}/versions)`;
  if (number === null) {
    throw new AppError(
      "not_found",
      `Cannot invoke "${record.name}": no version is ready`,
      { hint },
    );
  }
  const version = await registry.version(record.id, number);
  if (version?.status === "ready") return { record, version };
  throw new AppError(
    "not_found",
    `Cannot invoke version ${number} of "${record.name}": it is ${
      version?.status ?? "unknown"
    }`,
    { hint },
  );
}
