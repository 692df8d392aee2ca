/** Waiting that always ends. */

/**
 * The event, or `timeout` at the deadline.
 *
 * @param deadline Absolute, in milliseconds since 1970.
 */
export async function within<Value>(
  deadline: number,
  event: Promise<Value>,
): Promise<Value | "timeout"> {
  const { promise, resolve } = Promise.withResolvers<"timeout">();
  const left = Math.max(0, deadline - Date.now());
  const timer = setTimeout(() => resolve("timeout"), left);
  try {
    return await Promise.race([event, promise]);
  } finally {
    clearTimeout(timer);
  }
}
