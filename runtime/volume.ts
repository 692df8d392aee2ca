/** The named volume over the exchange folder, by which operators look into it (spec, "Volume Management"). */
import type { ContainerEngine } from "./engine/engine.ts";
import { LABEL } from "./labels.ts";
import type { RuntimeSettings } from "./settings.ts";

/**
 * Made where it is missing. Sandboxes do without: they mount their own folders.
 *
 * @throws {AppError} `conflict` when one of that name is not ours
 */
export async function ensureFunctionsVolume(
  engine: ContainerEngine,
  { volumeName, functionsDir, installation }: RuntimeSettings,
): Promise<void> {
  await engine.ensureVolume(volumeName, {
    path: functionsDir,
    labels: { [LABEL.installation]: installation },
  });
}
