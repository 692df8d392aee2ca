/** Removes containers whose runtime is gone. */
import type { Logger } from "../../src/log.ts";
import type { ContainerEngine, ContainerSummary } from "../engine/engine.ts";
import { isOurs, LABEL } from "../labels.ts";

export interface ContainerGarbageDeps {
  engine: Pick<ContainerEngine, "list" | "remove">;
  installation: string;
  log: Logger;
}

/**
 * @param live The ids of the runtimes that are alive.
 * @returns the containers that have an owner
 */
export async function removeOrphanContainers(
  { engine, installation, log }: ContainerGarbageDeps,
  live: ReadonlySet<string>,
): Promise<ContainerSummary[]> {
  const owned: ContainerSummary[] = [];
  const found = await engine.list({ [LABEL.installation]: installation });
  for (const container of found) {
    const { id, name, labels } = container;
    if (!isOurs(labels)) continue;
    if (live.has(labels[LABEL.runtime] ?? "")) {
      owned.push(container);
      continue;
    }
    log.info("Removing a container without owner", { name, installation });
    await engine.remove(id);
  }
  return owned;
}
