/** Waiting for what an event does not tell, bounded. */

const LIMIT_MS = 60_000;
const RETRY_MS = 50;

/** @throws {DOMException} `TimeoutError` when it does not come to be */
export async function until(
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  while (!await isSo()) {
    limit.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
