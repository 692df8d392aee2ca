/** Notices a queue that stands still, for one caller who waits in it. */
import { type Alarm, clearAlarm, setAlarm } from "../../src/alarm.ts";

/** This process may have had no core; then what it was told lies unread. */
const CONFIRM_MS = 5;

/** Calls back every `ms` in which it is so, until it is disposed. */
export function onStall(
  isStuck: (ms: number) => boolean,
  ms: number,
  act: () => void,
): Disposable {
  let alarm: Alarm;
  function look(wasStuck: boolean): void {
    const isStuckNow = isStuck(ms);
    const isNew = isStuckNow && !wasStuck;
    alarm = setAlarm(isNew ? CONFIRM_MS : ms, () => look(isNew));
    if (isStuckNow && wasStuck) act();
  }
  alarm = setAlarm(ms, () => look(false));
  return { [Symbol.dispose]: () => clearAlarm(alarm) };
}
