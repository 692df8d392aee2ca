/** Removes stored objects of no version: what a crash between two steps left. */
import { archiveName } from "../../src/contracts/deploy.ts";
import type {
  ObjectStore,
  Registry,
  StoredObject,
  StoreUpkeep,
} from "../../src/contracts/port.ts";
import type { Logger } from "../../src/log.ts";
import { contentOf } from "../image/tags.ts";
import type { Artefacts } from "../toolchain/artefacts.ts";

/** Something younger may belong to a deploy whose record is on its way. */
const YOUNG_MS = 10 * 60_000;

export interface ObjectGarbageDeps {
  registry: Registry;
  archives: Pick<ObjectStore, "remove">;
  artefacts: Pick<Artefacts, "remove">;
  upkeep: StoreUpkeep;
  log: Logger;
}

export async function removeOrphanObjects(
  deps: ObjectGarbageDeps,
): Promise<void> {
  const { registry, archives, artefacts, upkeep, log } = deps;
  const stored = await upkeep.objects();
  const owned = await ownedNames(registry);
  // What those own is in no list.
  if ((await registry.unreadable()).length > 0) return;
  const orphans = {
    archives: stored.archives.filter((each) => isOrphan(each, owned.archives)),
    artefacts: stored.artefacts
      .filter((each) => isOrphan(each, owned.artefacts)),
  };
  for (const { name } of orphans.archives) await archives.remove(name);
  for (const { name } of orphans.artefacts) await artefacts.remove(name);
  await upkeep.removeMarkers();
  const count = orphans.archives.length + orphans.artefacts.length;
  if (count > 0) {
    log.info("Removed stored objects of no version", {
      archives: orphans.archives.length,
      artefacts: orphans.artefacts.length,
    });
  }
}

function isOrphan(
  { name, modifiedAt }: StoredObject,
  owned: ReadonlySet<string>,
): boolean {
  return !owned.has(name) && Date.now() - modifiedAt > YOUNG_MS;
}

async function ownedNames(
  registry: Registry,
): Promise<{ archives: Set<string>; artefacts: Set<string> }> {
  const archives = new Set<string>();
  const artefacts = new Set<string>();
  for (const { id } of await registry.list()) {
    for (const { version, status, image } of await registry.versions(id)) {
      if (status === "failed") continue;
      archives.add(archiveName(id, version));
      if (image !== undefined) artefacts.add(contentOf(image));
    }
  }
  return { archives, artefacts };
}
