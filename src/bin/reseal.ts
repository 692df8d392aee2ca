/** While one key is exchanged for another: what is stored is sealed anew, once, at the start. */
import type { RotatingSealer } from "../contracts/sealer.ts";
import type { Logger } from "../log.ts";
import type { Resealed } from "../store/reseal.ts";

/** Says in the log what came of each; nobody waits for it. */
export async function resealAll(
  { keys }: RotatingSealer,
  log: Logger,
  stores: Record<string, () => Promise<Resealed>>,
): Promise<void> {
  if (keys < 2) return;
  for (const [store, reseal] of Object.entries(stores)) {
    try {
      log.info("Sealed by the newest key", { store, ...await reseal() });
    } catch (error) {
      log.warn("Cannot seal anew; it is tried at the next start", {
        store,
        error,
      });
    }
  }
}
