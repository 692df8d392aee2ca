/** Seals the secrets of triggers anew that an older key has sealed. */
import { decodeBase64, encodeBase64 } from "../contracts/base64.ts";
import type { RotatingSealer } from "../contracts/sealer.ts";
import type { Triggers, WebhookTrigger } from "../contracts/trigger.ts";
import { place } from "./secret.ts";

export async function resealTriggers(
  triggers: Triggers,
  sealer: RotatingSealer,
): Promise<{ resealed: number; unreadable: number }> {
  const done = { resealed: 0, unreadable: 0 };
  for (const trigger of await triggers.list()) {
    if (trigger.type !== "webhook") continue;
    try {
      const anew = await sealedAnew(trigger, sealer);
      if (anew.size === 0) continue;
      await triggers.update(
        trigger.name,
        (found) =>
          found.type !== "webhook" ? found : {
            ...found,
            secrets: found.secrets.map((each) => ({
              ...each,
              sealed: anew.get(each.sealed) ?? each.sealed,
            })),
          },
      );
      done.resealed++;
    } catch {
      done.unreadable++;
    }
  }
  return done;
}

/** By what it was before: somebody may exchange a secret meanwhile. */
async function sealedAnew(
  { id, secrets }: WebhookTrigger,
  sealer: RotatingSealer,
): Promise<Map<string, string>> {
  const anew = new Map<string, string>();
  for (const { sealed } of secrets) {
    const bytes = decodeBase64(sealed);
    if (sealer.isNewest(bytes)) continue;
    const plain = await sealer.open(bytes, place(id));
    anew.set(sealed, encodeBase64(await sealer.seal(plain, place(id))));
  }
  return anew;
}
