/** Removes versions beyond the number that is kept: record and archive; images follow. */
import { archiveName } from "../../src/contracts/deploy.ts";
import type { ObjectStore, Registry } from "../../src/contracts/port.ts";
import type { Logger } from "../../src/log.ts";
import { surplusVersions } from "./surplus.ts";

export interface SurplusDeps {
  registry: Registry;
  archives: Pick<ObjectStore, "remove">;
  /** Ready versions besides the current one, and failed ones. */
  keepVersions: number;
  log: Logger;
}

export async function removeSurplus(
  { registry, archives, keepVersions, log }: SurplusDeps,
): Promise<void> {
  for (const record of await registry.list()) {
    const versions = await registry.versions(record.id);
    for (const each of surplusVersions(record, versions, keepVersions)) {
      const { functionId, version } = each;
      if (!await registry.removeVersion(functionId, version)) continue;
      await archives.remove(archiveName(functionId, version));
      log.info("Removed a version beyond those that are kept", {
        functionId,
        version,
      });
    }
  }
}
