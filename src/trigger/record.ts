/** From what a caller says of a trigger to what is stored of it. */
import { AppError } from "../contracts/error.ts";
import { parse } from "../contracts/parse.ts";
import {
  NewTrigger,
  type TriggerChange,
  type TriggerRecord,
  type WebhookTrigger,
} from "../contracts/trigger.ts";
import { PREVIOUS_SECRET_SECONDS } from "../contracts/webhook.ts";
import type { Sealer } from "../contracts/sealer.ts";
import { checkTrigger } from "./check.ts";
import { makeSecret, rotate, sealSecret } from "./secret.ts";

/** What never changes once a trigger is there. */
const FIXED = ["id", "name", "type", "functionId", "createdAt", "updatedAt"];

export interface MadeTrigger {
  record: TriggerRecord;
  /** The secret that was made because none was given. */
  secret?: string | undefined;
}

/** @throws {AppError} `invalid` */
export async function makeTrigger(
  trigger: NewTrigger,
  functionId: string,
  sealer: Sealer,
  now: Date,
): Promise<MadeTrigger> {
  checkTrigger(trigger);
  const kept = {
    id: crypto.randomUUID(),
    functionId,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
  };
  if (trigger.type !== "webhook") return { record: { ...kept, ...trigger } };
  const { secret: given, ...settings } = trigger;
  const secret = given ?? makeSecret(trigger.provider);
  const sealed = await sealSecret(sealer, kept.id, secret, now);
  return {
    record: { ...kept, ...settings, secrets: [sealed] },
    secret: given === undefined ? secret : undefined,
  };
}

/**
 * A change, checked against the trigger it is of, as an edit of the record.
 *
 * @throws {AppError} `invalid`
 */
export async function changeTrigger(
  before: TriggerRecord,
  { secret, previousSecretSeconds, ...change }: TriggerChange,
  sealer: Sealer,
  now: Date,
): Promise<(record: TriggerRecord) => TriggerRecord> {
  const fixed = Object.keys(change).find((name) => FIXED.includes(name));
  if (fixed) {
    throw new AppError("invalid", `Cannot change "${fixed}" of a trigger`, {
      hint: "Remove the trigger, and add another",
    });
  }
  const isRotated = secret !== undefined;
  if ((isRotated || previousSecretSeconds !== undefined)) {
    if (before.type !== "webhook") {
      throw new AppError("invalid", `A ${before.type} trigger has no secret`);
    }
    if (!isRotated) {
      throw new AppError(
        "invalid",
        "Cannot keep the previous secret: no new one was sent",
        { hint: "Send secret too" },
      );
    }
  }
  if (isOtherProvider(before, change["provider"]) && !isRotated) {
    throw new AppError(
      "invalid",
      "Cannot keep the secret of another provider",
      {
        hint: "Send secret too",
      },
    );
  }
  const rotated = isRotated &&
    await sealSecret(sealer, before.id, secret, now);
  const overlapMs = 1_000 * (previousSecretSeconds ?? PREVIOUS_SECRET_SECONDS);
  const edit = (record: TriggerRecord) => settingsAfter(record, change, secret);
  // Refused here, before anything is read again and written.
  edit(before);
  return (record) => {
    const edited = edit(record);
    if (!rotated || edited.type !== "webhook") return edited;
    return {
      ...edited,
      secrets: rotate(edited.secrets, rotated, overlapMs, now),
    };
  };
}

function isOtherProvider(before: TriggerRecord, provider: unknown): boolean {
  return before.type === "webhook" && provider !== undefined &&
    provider !== before.provider;
}

function settingsAfter(
  record: TriggerRecord,
  change: Record<string, unknown>,
  secret: string | undefined,
): TriggerRecord {
  const { id, functionId, createdAt, updatedAt } = record;
  const { secrets, ...settings } = withoutKept(record);
  const merged = Object.entries({ ...settings, ...change })
    .filter(([, value]) => value !== null && value !== undefined);
  const changed = parse(
    NewTrigger,
    { ...Object.fromEntries(merged), ...(secret !== undefined && { secret }) },
    "the change",
  );
  checkTrigger(changed);
  const { secret: _, ...after } = changed as NewTrigger & { secret?: string };
  return {
    id,
    functionId,
    createdAt,
    updatedAt,
    ...after,
    ...(secrets && { secrets }),
  } as TriggerRecord;
}

function withoutKept(
  record: TriggerRecord,
): Record<string, unknown> & Partial<Pick<WebhookTrigger, "secrets">> {
  const { id: _id, functionId: _f, createdAt: _c, updatedAt: _u, ...rest } =
    record;
  return rest;
}
