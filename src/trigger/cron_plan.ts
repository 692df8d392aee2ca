/** What a cron trigger has to do now: which of its times run, and when to look again. */
import { createHash } from "node:crypto";
import type { CronTrigger } from "../contracts/trigger.ts";
import type { Schedule } from "./schedule.ts";

/** A time that is this late, in milliseconds, counts as missed. */
export const LATE_MS = 30_000;
/** Of missed times, so many of the newest run at most. */
export const MAX_MISSED = 100;
/** A clock that was set back further than this, in milliseconds, begins anew. */
export const SET_BACK_MS = 3_600_000;

export interface CronPlan {
  /** Times to run, oldest first, in milliseconds since 1970. */
  run: number[];
  /** Every time up to this one is dealt with. */
  settled: number;
  /** When something is due again. */
  wakeAt: number;
}

export type CronRules = Pick<
  CronTrigger,
  "id" | "missed" | "jitterMs"
>;

/**
 * Holds for any jump of the clock: what lies between two looks was missed, and
 * of that the policy says what runs.
 *
 * @param settled What the plan before said, or when the trigger was set.
 */
export function planCron(
  schedule: Schedule,
  rules: CronRules,
  settled: number,
  now: number,
): CronPlan {
  if (settled > now + SET_BACK_MS) settled = now;
  const started = (time: number) => startOf(schedule, rules, time) <= now;
  // The newest may wait for its jitter, and then the one before counts.
  const due = schedule.last(now, rules.missed === "all" ? MAX_MISSED : 2)
    .filter((time) => time > settled && started(time));
  const newest = due.at(-1);
  const next = schedule.next(newest ?? settled);
  return {
    run: newest === undefined ? [] : chosen(schedule, rules, due, newest, now),
    settled: newest ?? settled,
    wakeAt: next === undefined ? Infinity : startOf(schedule, rules, next),
  };
}

function chosen(
  schedule: Schedule,
  rules: CronRules,
  due: number[],
  newest: number,
  now: number,
): number[] {
  if (rules.missed === "all") return due;
  const isLate = now - startOf(schedule, rules, newest) > LATE_MS;
  return rules.missed === "once" || !isLate ? [newest] : [];
}

/**
 * The time with its jitter: the same on every gateway, and before the next time.
 */
export function startOf(
  schedule: Schedule,
  { id, jitterMs }: CronRules,
  time: number,
): number {
  if (jitterMs === 0) return time;
  const gap = (schedule.next(time) ?? Infinity) - time;
  const hash = createHash("sha256").update(`${id}.${time}`).digest();
  return time + hash.readUInt32BE() % Math.min(jitterMs, gap);
}
