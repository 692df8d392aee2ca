/** Secrets of webhooks: made, sealed, rotated, and opened for whoever verifies. */
import { randomBytes } from "node:crypto";
import { decodeBase64, encodeBase64 } from "../contracts/base64.ts";
import type { Sealer } from "../contracts/sealer.ts";
import type { WebhookTrigger } from "../contracts/trigger.ts";
import type { Provider, SealedSecret } from "../contracts/webhook.ts";

const MADE_BYTES = 32;

/** A secret of 256 random bits, in the form that the provider expects. */
export function makeSecret(provider: Provider): string {
  const bytes = randomBytes(MADE_BYTES);
  return provider === "standard"
    ? `whsec_${bytes.toString("base64")}`
    : bytes.toString("base64url");
}

export async function sealSecret(
  sealer: Sealer,
  triggerId: string,
  secret: string,
  now: Date,
): Promise<SealedSecret> {
  const plain = new TextEncoder().encode(secret);
  return {
    sealed: encodeBase64(await sealer.seal(plain, place(triggerId))),
    createdAt: now.toISOString(),
  };
}

/**
 * The secrets after a rotation: the new one, and the newest before it until its
 * time is over. Older ones go, so that two are good at most.
 *
 * @param overlapMs How long the one before stays good.
 */
export function rotate(
  secrets: readonly SealedSecret[],
  added: SealedSecret,
  overlapMs: number,
  now: Date,
): SealedSecret[] {
  const [before] = secrets;
  if (!before || overlapMs === 0) return [added];
  const expiresAt = new Date(now.getTime() + overlapMs).toISOString();
  return [added, { ...before, expiresAt }];
}

/** Opens a trigger's secrets that are good at a time, newest first. */
export type OpenSecrets = (
  trigger: WebhookTrigger,
  now: number,
) => Promise<string[]>;

/**
 * Each record is opened once: a changed trigger is another record.
 *
 * @throws {AppError} what the seal refuses
 */
export function secretOpener(sealer: Sealer): OpenSecrets {
  const opened = new WeakMap<WebhookTrigger, Promise<OpenedSecret[]>>();

  return async function openSecrets(trigger, now) {
    let secrets = opened.get(trigger);
    if (!secrets) {
      secrets = openAll(sealer, trigger);
      opened.set(trigger, secrets);
      secrets.catch(() => opened.delete(trigger));
    }
    return (await secrets).filter(({ endsAt }) => now < endsAt)
      .map(({ secret }) => secret);
  };
}

interface OpenedSecret {
  secret: string;
  /** Milliseconds since 1970. */
  endsAt: number;
}

async function openAll(
  sealer: Sealer,
  { id, secrets }: WebhookTrigger,
): Promise<OpenedSecret[]> {
  return await Promise.all(secrets.map(async ({ sealed, expiresAt }) => {
    const plain = await sealer.open(decodeBase64(sealed), place(id));
    return {
      secret: new TextDecoder().decode(plain),
      endsAt: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
    };
  }));
}

/** What binds a sealed secret to its trigger. */
export function place(triggerId: string): string {
  return `the secret of trigger ${triggerId}`;
}
