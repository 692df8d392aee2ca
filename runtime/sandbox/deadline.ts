/** Waiting that always ends. */

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
    const left = Math.max(0, deadline - Date.now());
    const timer = setTimeout(() => resolve("timeout"), left);
    event.then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
