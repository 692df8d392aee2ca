/**
 * Deadlines by the thousand on one timer: to set one and clear it again, as
 * nearly every call does, costs an entry in a set.
 */

export interface Alarm {
  /** As `performance.now()`. */
  readonly at: number;
  readonly ring: () => void;
}

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const set = new Set<Alarm>();
let timer: ReturnType<typeof setTimeout> | undefined;
/** Not later than the first alarm; earlier where that was cleared. */
let firesAt = Infinity;

/** Calls back once, unless it is cleared before. @param ms From now. */
export function setAlarm(ms: number, ring: () => void): Alarm {
  const alarm = { at: performance.now() + Math.max(0, ms), ring };
  if (set.size === 0) keepAlive(true);
  set.add(alarm);
  if (alarm.at < firesAt) schedule(alarm.at);
  return alarm;
}

/** Nothing, if it has rung. */
export function clearAlarm(alarm: Alarm | undefined): void {
  if (alarm && set.delete(alarm) && set.size === 0) keepAlive(false);
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
  const due: Alarm[] = [];
  let next = Infinity;
  for (const alarm of set) {
    if (alarm.at <= now) due.push(alarm);
    else if (alarm.at < next) next = alarm.at;
  }
  if (next < Infinity) schedule(next);
  due.sort((a, b) => a.at - b.at);
  // One that rings may clear another.
  for (const alarm of due) if (set.delete(alarm)) ring(alarm);
}

/** What one throws must not keep the others from ringing. */
function ring(alarm: Alarm): void {
  try {
    alarm.ring();
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
