/** Serves one message of the queue, as far as it can be served now. */
import type {
  Place,
  QueuedMessage,
  StoredInvocation,
} from "../../src/contracts/async_queue.ts";
import { AppError } from "../../src/contracts/error.ts";
import {
  type FunctionRecord,
  isFunctionId,
} from "../../src/contracts/function.ts";
import {
  InvocationId,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";
import { queuedRecord } from "../../src/contracts/queued.ts";
import { DEFAULT_RETRY } from "../../src/contracts/retry.ts";
import { attempt, type AttemptSignals } from "./attempt.ts";
import type { Item } from "./backlog.ts";
import type { AsyncDeps } from "./deps.ts";
import { lookAt } from "./look.ts";
import { begin, conclude, giveUp } from "./outcome.ts";
import { persist } from "./persist.ts";
import { settle } from "./settle.ts";

/** When a place of a key is asked for again, in milliseconds. */
const PLACE_MS = 1_000;

/** What becomes of the message. */
export type Fate =
  | { kind: "over" }
  | { kind: "wait"; until: number }
  /** Its key has no place. */
  | { kind: "park"; until: number }
  /** Its function may not start anything. */
  | { kind: "pause"; until: number };

/** What is remembered of an item from one look to the next. */
export interface Tracked extends Item {
  silentSince?: number | undefined;
  /** Looks in a row that ended in an error. */
  errors?: number;
  /** The attempt that was begun here: it must not begin again. */
  begun?: number | undefined;
}

export async function serve(
  deps: AsyncDeps,
  item: Tracked,
  signals: AttemptSignals,
): Promise<Fate> {
  const { queue, invocations } = deps;
  const { functionId, invocationId, seq } = item.entry;
  const queued = await queue.read(seq);
  if (!queued) return { kind: "over" };
  if (!isNamed(item)) {
    deps.log.warn("Dropping what is in no function's queue", { ...item.entry });
    await queue.remove(item.entry);
    return { kind: "over" };
  }
  const reread = () => invocations.read(functionId, invocationId);
  let stored = item.isKnown ? await reread() : undefined;
  for (;;) {
    const look = stored && await lookAgain(deps, item, stored);
    switch (look?.kind) {
      case "ended":
        return await settled(deps, queued, stored as StoredInvocation);
      case "suspect":
      case "wait":
        return { kind: "wait", until: look.until };
      case "lost":
        stored = await lose(deps, stored as StoredInvocation) ?? await reread();
        continue;
    }
    const begun = look?.kind === "resume"
      ? stored as StoredInvocation
      : await start(deps, item, queued, stored, signals);
    if (begun && "kind" in begun) return begun;
    item.isKnown = true;
    if (begun?.record.state === "running") {
      item.begun = begun.record.attempt;
      stored = await run(deps, queued, begun, signals) ?? await reread();
    } else stored = begun ?? await reread();
  }
}

/** Whoever may publish there may write any subject. */
function isNamed({ entry: { functionId, invocationId } }: Item): boolean {
  return isFunctionId(functionId) &&
    InvocationId.safeParse(invocationId).success;
}

async function settled(
  deps: AsyncDeps,
  queued: QueuedMessage,
  stored: StoredInvocation,
): Promise<Fate> {
  const until = await settle(deps, queued, stored);
  return until === undefined ? { kind: "over" } : { kind: "wait", until };
}

async function lookAgain(
  { liveRuntimes, runtimeId, registry }: AsyncDeps,
  item: Tracked,
  { record }: StoredInvocation,
) {
  const live = record.state === "running"
    ? await liveRuntimes()
    : new Set<string>();
  const now = Date.now();
  const { silentSince } = item;
  const look = lookAt(record, { runtimeId, now, live, silentSince });
  // Of a function that is gone nothing waits for its time.
  const isWaiting = look.kind === "wait" && record.state !== "running";
  if (isWaiting && !await registry.find(record.functionId)) {
    return { kind: "run" } as const;
  }
  if (look.kind === "resume" && item.begun === record.attempt) {
    return { kind: "lost" } as const;
  }
  item.silentSince = look.kind === "suspect" ? silentSince ?? now : undefined;
  return look;
}

/** The attempt of a runtime that is gone counts: it may have run. */
async function lose(
  { registry, invocations }: AsyncDeps,
  stored: StoredInvocation,
): Promise<StoredInvocation | undefined> {
  const settings = (await registry.find(stored.record.functionId))?.settings;
  const error = new AppError("function_failed", "The runtime ended meanwhile", {
    reason: "crash",
  });
  return await invocations.update(
    stored,
    conclude(stored.record, { failure: "crash", error }, {
      policy: settings?.retry ?? DEFAULT_RETRY,
      now: Date.now(),
      chance: Math.random(),
    }),
  );
}

/**
 * Takes it, or ends it without a try.
 *
 * @returns the record; undefined when somebody else was faster
 */
async function start(
  deps: AsyncDeps,
  item: Tracked,
  queued: QueuedMessage,
  stored: StoredInvocation | undefined,
  { onPlace }: AttemptSignals,
): Promise<StoredInvocation | Fate | undefined> {
  const { invocations, registry, flow, runtimeId } = deps;
  const { entry } = item;
  const before = stored?.record ?? freshRecord(queued);
  const write = (record: InvocationRecord) =>
    stored ? invocations.update(stored, record) : invocations.create(record);
  const found = await registry.find(entry.functionId);
  const refused = refusal(item, queued, before, found);
  if (refused) return await write(refused);

  const place = placeOf(deps, item);
  const { rate, keyConcurrency = 1 } = found?.settings ?? {};
  if (place && !await flow.takePlace(place, keyConcurrency)) {
    return { kind: "park", until: Date.now() + PLACE_MS };
  }
  const turn = rate ? await flow.takeTurn(entry.functionId, rate) : 0;
  const begun = turn > 0
    ? undefined
    : await write(begin(before, runtimeId, Date.now()));
  if (place) {
    if (begun) onPlace();
    else await flow.leavePlace(place);
  }
  return turn > 0 ? { kind: "pause", until: turn } : begun;
}

function placeOf(
  { runtimeId }: Pick<AsyncDeps, "runtimeId">,
  { entry: { functionId, invocationId, key } }: Pick<Item, "entry">,
): Place | undefined {
  return key === undefined
    ? undefined
    : { functionId, invocationId, key, runtimeId };
}

function freshRecord(queued: QueuedMessage): InvocationRecord {
  const { functionId, invocationId } = queued.entry;
  return {
    ...queuedRecord(queued),
    logs: `/api/functions/${functionId}/logs?invocation=${invocationId}`,
  };
}

/** What no try can change. */
function refusal(
  { supersededBy, isKnown }: Tracked,
  { content }: QueuedMessage,
  before: InvocationRecord,
  found: FunctionRecord | undefined,
): InvocationRecord | undefined {
  const now = Date.now();
  if (!content.message) {
    return giveUp(before, "unreadable", AppError.from(content.error), now);
  }
  if (!found) {
    return giveUp(before, "function_removed", gone(), now);
  }
  if (supersededBy === undefined || isKnown) return undefined;
  const endedAt = new Date(now).toISOString();
  return { ...before, state: "cancelled", supersededBy, endedAt };
}

async function run(
  deps: AsyncDeps,
  { entry, content: { message } }: QueuedMessage,
  begun: StoredInvocation,
  signals: AttemptSignals,
): Promise<StoredInvocation | undefined> {
  try {
    const found = await deps.registry.find(entry.functionId);
    if (message && found) {
      return await attempt(deps, message, begun, found, signals);
    }
    const record = giveUp(begun.record, "function_removed", gone(), Date.now());
    return await persist(deps, begun, record, signals.stopping);
  } finally {
    const place = placeOf(deps, { entry });
    if (place) await deps.flow.leavePlace(place);
  }
}

function gone(): AppError {
  return new AppError("not_found", "The function was deleted");
}
