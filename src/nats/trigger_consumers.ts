/** The durable consumers of subject triggers: which there are to be, and which there are. */
import { createHash } from "node:crypto";
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiCodes,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { AppError } from "../contracts/error.ts";
import type { SubjectTrigger } from "../contracts/trigger.ts";
import { isCode } from "./api_error.ts";
import { TRIGGER_CONSUMER } from "./subject.ts";

/** A gateway that is silent about a message for so long has lost it. */
const ACK_WAIT_MS = 15_000;
const MAX_ACK_PENDING = 5_000;
/** One that was made just now may be of a trigger that is not known here yet. */
const YOUNG_MS = 60_000;

/** One with every subject, or one for each. */
export function consumersOf(
  { id, subject, deliver }: SubjectTrigger,
  hasMultiFilter: boolean,
): (Partial<ConsumerConfig> & { durable_name: string })[] {
  const subjects = [subject].flat();
  const filters = hasMultiFilter || subjects.length === 1
    ? [subjects]
    : subjects.map((each) => [each]);
  return filters.map((filter) => ({
    durable_name: `${prefixOf(id)}${hashOf(filter)}`,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_ack_pending: MAX_ACK_PENDING,
    // Deliveries are counted here: a busy runtime is no attempt.
    max_deliver: -1,
    deliver_policy: deliver === "all" ? DeliverPolicy.All : DeliverPolicy.New,
    ...(filter.length === 1
      ? { filter_subject: filter[0] ?? "" }
      : { filter_subjects: filter }),
  }));
}

/**
 * Makes them where they are not there, and removes those of other subjects.
 *
 * @returns their names
 * @throws {AppError} `not_found` without such a stream
 */
export async function ensureConsumers(
  jsm: JetStreamManager,
  stream: string,
  trigger: SubjectTrigger,
  hasMultiFilter: boolean,
): Promise<string[]> {
  const wanted = consumersOf(trigger, hasMultiFilter);
  const names = wanted.map((each) => each.durable_name);
  const there = await consumerNames(jsm, stream, prefixOf(trigger.id));
  for (const config of wanted) {
    // One that is there keeps its place.
    if (!there.includes(config.durable_name)) {
      await jsm.consumers.add(stream, config);
    }
  }
  for (const name of there) {
    if (!names.includes(name)) await jsm.consumers.delete(stream, name);
  }
  return names;
}

export async function removeConsumers(
  jsm: JetStreamManager,
  stream: string,
  triggerId: string,
): Promise<void> {
  for (const name of await consumerNames(jsm, stream, prefixOf(triggerId))) {
    await jsm.consumers.delete(stream, name).catch(ignoreGone);
  }
}

/** Of every stream, those whose trigger is not among these. */
export async function removeOrphanConsumers(
  jsm: JetStreamManager,
  ids: ReadonlySet<string>,
  now = Date.now(),
): Promise<void> {
  for await (const stream of jsm.streams.names()) {
    for await (const { name, created } of jsm.consumers.list(stream)) {
      const id = triggerOf(name);
      const isYoung = now - Date.parse(created) < YOUNG_MS;
      if (id === undefined || ids.has(id) || isYoung) continue;
      await jsm.consumers.delete(stream, name).catch(ignoreGone);
    }
  }
}

async function consumerNames(
  jsm: JetStreamManager,
  stream: string,
  prefix: string,
): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const { name } of jsm.consumers.list(stream)) {
      if (name.startsWith(prefix)) names.push(name);
    }
    return names;
  } catch (cause) {
    if (!isCode(cause, JetStreamApiCodes.StreamNotFound)) throw cause;
    throw new AppError("not_found", `Cannot find the stream "${stream}"`, {
      hint: "Make it, or leave stream out to listen on core NATS",
      cause,
    });
  }
}

function prefixOf(triggerId: string): string {
  return `${TRIGGER_CONSUMER}-${triggerId}-`;
}

const OURS = new RegExp(`^${TRIGGER_CONSUMER}-([0-9a-f-]{36})-[0-9a-f]+$`);

/** @returns undefined for a consumer that is none of ours */
function triggerOf(name: string): string | undefined {
  return OURS.exec(name)?.[1];
}

/** Another filter is another place in the stream. */
function hashOf(filter: string[]): string {
  return createHash("sha256").update(filter.toSorted().join(" "))
    .digest("hex").slice(0, 12);
}

function ignoreGone(error: unknown): void {
  if (!isCode(error, JetStreamApiCodes.ConsumerNotFound)) throw error;
}
