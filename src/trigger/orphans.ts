/** Triggers go with their function, also where a crash came between the two. */
import type { Registry } from "../contracts/port.ts";
import type { Triggers } from "../contracts/trigger.ts";

/** Removes the triggers of a function. */
export async function removeTriggersOf(
  triggers: Triggers,
  functionId: string,
): Promise<void> {
  for (const trigger of await triggers.list()) {
    if (trigger.functionId === functionId) await triggers.remove(trigger.name);
  }
}

/** Removes every trigger whose function is gone. @returns how many there were */
export async function removeOrphans(
  triggers: Triggers,
  registry: Registry,
): Promise<number> {
  let removed = 0;
  for (const { name, functionId } of await triggers.list()) {
    // One that cannot be read is there, and its triggers with it.
    if (await registry.find(functionId).catch(() => true)) continue;
    await triggers.remove(name);
    removed++;
  }
  return removed;
}
