/** Triggers: what sets a function off besides a call. */
import { z } from "zod";
import { chainShape } from "./chain.ts";
import { cronShape } from "./cron.ts";
import { FunctionName } from "./function.ts";
import { subscriptionShape } from "./subscription.ts";
import {
  SealedSecret,
  webhookProblems,
  WebhookSecret,
  webhookShape,
} from "./webhook.ts";

export const TRIGGER_TYPES = ["webhook", "cron", "subject", "chain"] as const;

/** Unique in the installation; never in the shape of an id, as with functions. */
export const TriggerName = FunctionName;

/** What a subject or URL may say where a trigger is meant. */
export const TriggerRef = z.union([z.uuid(), TriggerName], {
  error: "is neither the name of a trigger nor its id",
});

/** As the schema, for where each delivery asks. */
export function isTriggerRef(ref: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,62}$/.test(ref);
}

/** At creation, of every type. */
const said = {
  name: TriggerName,
  /** A paused trigger keeps its settings and sets nothing off. */
  enabled: z.boolean().default(true),
};

/** `POST /api/functions/:name/triggers`. */
export const NewTrigger = z.discriminatedUnion("type", [
  z.strictObject({
    ...said,
    ...webhookShape,
    /** Absent: one is made, and shown in the answer alone. */
    secret: WebhookSecret.optional(),
  }).check(({ value, issues }) => {
    for (const { path, message } of webhookProblems(value)) {
      // The whole value holds the secret: it must not travel with the issue.
      issues.push({ code: "custom", path: [path], message, input: undefined });
    }
  }),
  z.strictObject({ ...said, ...cronShape }),
  z.strictObject({ ...said, ...subscriptionShape }),
  z.strictObject({ ...said, ...chainShape }),
]);
export type NewTrigger = z.output<typeof NewTrigger>;

/** `PATCH`: any setting of its type; null goes back to the default. */
export const TriggerChange = z.looseObject({
  enabled: z.boolean().optional(),
  /** With webhooks: takes the place of the one before. */
  secret: WebhookSecret.optional(),
  /** How long the secret before is good beside the new one, in seconds. */
  previousSecretSeconds: z.int().min(0).max(30 * 86_400).optional(),
});
export type TriggerChange = z.output<typeof TriggerChange>;

const kept = {
  id: z.uuid(),
  functionId: z.uuid(),
  createdAt: z.string(),
  updatedAt: z.string(),
};

export const WebhookTrigger = z.object({
  ...kept,
  ...said,
  ...webhookShape,
  /** The newest first; at most two are good at once. */
  secrets: z.array(SealedSecret).min(1),
});
export type WebhookTrigger = z.output<typeof WebhookTrigger>;

export const CronTrigger = z.object({ ...kept, ...said, ...cronShape });
export type CronTrigger = z.output<typeof CronTrigger>;

export const SubjectTrigger = z.object({
  ...kept,
  ...said,
  ...subscriptionShape,
});
export type SubjectTrigger = z.output<typeof SubjectTrigger>;

export const ChainTrigger = z.object({ ...kept, ...said, ...chainShape });
export type ChainTrigger = z.output<typeof ChainTrigger>;

/** A trigger as it is stored. */
export const TriggerRecord = z.discriminatedUnion("type", [
  WebhookTrigger,
  CronTrigger,
  SubjectTrigger,
  ChainTrigger,
]);
export type TriggerRecord = z.output<typeof TriggerRecord>;

/** A trigger as the API shows it: its settings by type, and never a secret. */
export const TriggerView = z.looseObject({
  ...kept,
  ...said,
  type: z.enum(TRIGGER_TYPES),
  /** The function's name. */
  function: z.string(),
  /** Of a webhook: where deliveries go. */
  url: z.string().optional(),
});
export type TriggerView = z.output<typeof TriggerView>;

/** What creation answers with. */
export const TriggerCreated = z.object({
  id: z.string(),
  name: z.string(),
  /** Of a webhook, where deliveries go; else where the trigger is found. */
  url: z.string(),
  /** The one that was made because none was given; shown this once. */
  secret: z.string().optional(),
});
export type TriggerCreated = z.output<typeof TriggerCreated>;

export type TriggersChange =
  | { type: "put"; record: TriggerRecord }
  | { type: "removed"; record: TriggerRecord };

/** The triggers of the installation. Reads come from a view that a watch keeps fresh. */
export interface Triggers {
  /** By name or id. */
  find(ref: string): Promise<TriggerRecord | undefined>;
  /** All of them, by name. */
  list(): Promise<TriggerRecord[]>;
  /** @throws {AppError} `conflict` when the name is taken */
  create(record: TriggerRecord): Promise<void>;
  /**
   * Changes a trigger, again when somebody else was faster; its id, name and
   * type stay.
   *
   * @throws {AppError} `not_found` when it is gone
   */
  update(
    ref: string,
    edit: (record: TriggerRecord) => TriggerRecord,
  ): Promise<TriggerRecord>;
  /** Nothing if it is gone. */
  remove(ref: string): Promise<void>;
  /** Calls back for every change from now on, until disposed of. */
  onChange(callback: (change: TriggersChange) => void): Disposable;
}
