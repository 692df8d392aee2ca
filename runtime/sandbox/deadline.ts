/** Waiting that always ends. */
import { clearAlarm, setAlarm } from "../../src/alarm.ts";

/**
 * The event, or `timeout` at the deadline.
 *
 * @param deadline Absolute, in milliseconds since 1970.
 */
export function within<Value>(
  deadline: number,
  event: Promise<Value>,
): Promise<Value | "timeout"> {
  return new Promise((resolve, reject) => {
    const alarm = setAlarm(deadline - Date.now(), () => resolve("timeout"));
    event.then((value) => {
      clearAlarm(alarm);
      resolve(value);
    }, (error) => {
      clearAlarm(alarm);
      reject(error);
    });
  });
}
