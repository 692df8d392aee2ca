/** A clock that a test sets; what is due is called at once. */
import type { Clock } from "../../src/trigger/clock.ts";

export interface ManualClock extends Clock {
  /** Goes on, or back. */
  set(time: number | string): void;
  /** How many calls wait for their time. */
  waiting(): number;
}

export function manualClock(start: number | string): ManualClock {
  let now = new Date(start).getTime();
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return { [Symbol.dispose]: () => timers.delete(timer) };
    },
    set(time) {
      now = new Date(time).getTime();
      for (const timer of [...timers]) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
    waiting: () => timers.size,
  };
}
