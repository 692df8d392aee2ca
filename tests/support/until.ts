/** Waiting for what nobody announces: asked again until it holds, and never for ever. */

/** Of a stack, so that a busy machine is no failure. */
export const PATIENT = {
  OCHE_FUNCTION_TIMEOUT_MS: "30000",
  OCHE_START_TIMEOUT_MS: "60000",
  OCHE_WAIT_MS: "60000",
};

const WAIT_MS = 60_000;
const RETRY_MS = 25;

/** @throws when it does not come to hold in time */
export async function until(
  what: () => boolean | Promise<boolean>,
  withinMs = WAIT_MS,
): Promise<void> {
  const limit = AbortSignal.timeout(withinMs);
  while (!await what()) {
    limit.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
