/** Waiting for what an event does not tell, bounded. */

/** Of a stack, so that a busy machine is no failure. */
export const PATIENT = {
  OCHE_FUNCTION_TIMEOUT_MS: "30000",
  OCHE_START_TIMEOUT_MS: "60000",
  OCHE_WAIT_MS: "60000",
};

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
