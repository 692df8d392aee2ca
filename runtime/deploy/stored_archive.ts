/** The archive of a version: what the record says, not what a message does. */
import { createHash } from "node:crypto";
import { archiveName } from "../../src/contracts/deploy.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { VersionRecord } from "../../src/contracts/function.ts";
import type { ObjectStore } from "../../src/contracts/port.ts";

/**
 * @throws {AppError} `not_found`; `conflict` when it is not the one that the
 * version was made for
 */
export async function storedArchive(
  archives: ObjectStore,
  { functionId, version, sha256 }: VersionRecord,
): Promise<Uint8Array> {
  const archive = await archives.get(archiveName(functionId, version));
  if (createHash("sha256").update(archive).digest("hex") === sha256) {
    return archive;
  }
  throw new AppError(
    "conflict",
    "Cannot build: the archive is not the one that was sent",
    { hint: "Deploy it again" },
  );
}
