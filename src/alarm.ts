/**
 * Deadlines by the thousand on one timer: to set one and clear it again, as
 * nearly every call does, costs a link of a list.
 */
import { type Link, LinkedList } from "./linked_list.ts";

interface Due {
  /** As `performance.now()`. */
  at: number;
  ring(): void;
}

export type Alarm = Link<Due>;

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const alarms = new LinkedList<Due>();
let timer: ReturnType<typeof setTimeout> | undefined;
/** Not later than the first alarm; earlier where that was cleared. */
let firesAt = Infinity;

/** Calls back once, unless it is cleared before. @param ms From now. */
export function setAlarm(ms: number, ring: () => void): Alarm {
  const at = performance.now() + Math.max(0, ms);
  if (alarms.size === 0) keepAlive(true);
  if (at < firesAt) schedule(at);
  return alarms.add({ at, ring });
}

/** Nothing, if it has rung. */
export function clearAlarm(alarm: Alarm | undefined): void {
  if (alarm && alarms.take(alarm) && alarms.size === 0) keepAlive(false);
}

function schedule(at: number): void {
  clearTimeout(timer);
  firesAt = at;
  const ms = Math.min(at - performance.now(), MAX_TIMER_MS);
  timer = setTimeout(fire, Math.ceil(ms));
}

function fire(): void {
  timer = undefined;
  firesAt = Infinity;
  const now = performance.now();
  const due: { at: number; alarm: Alarm }[] = [];
  let next = Infinity;
  for (const alarm of alarms.links()) {
    const at = alarm.item?.at ?? Infinity;
    if (at <= now) due.push({ at, alarm });
    else if (at < next) next = at;
  }
  if (next < Infinity) schedule(next);
  due.sort((a, b) => a.at - b.at);
  // One that rings may clear another.
  for (const { alarm } of due) ring(alarms.take(alarm));
}

/** What one throws must not keep the others from ringing. */
function ring(alarm: Due | undefined): void {
  try {
    alarm?.ring();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Whether the timer holds the process; with no alarm set it must not. */
function keepAlive(isKept: boolean): void {
  if (isKept) timer?.ref();
  else timer?.unref();
}
