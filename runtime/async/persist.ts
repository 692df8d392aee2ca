/** Writes of records that go on until NATS is back: an outcome is not to be lost. */
import type { StoredInvocation } from "../../src/contracts/async_queue.ts";
import type { InvocationRecord } from "../../src/contracts/invocation.ts";
import { retry } from "../../src/retry.ts";
import type { AsyncDeps } from "./deps.ts";

const PAUSE_MS = 300;

/** Does it again after any error, until the signal. */
export async function untilDone<Value>(
  signal: AbortSignal,
  act: () => Promise<Value>,
): Promise<Value> {
  return await retry(act, {
    pauseMs: PAUSE_MS,
    retryIf: () => !signal.aborted,
  });
}

/**
 * Changes the record, whatever happens to the connection meanwhile.
 *
 * @returns undefined when somebody else has changed it
 */
export async function persist(
  { invocations }: Pick<AsyncDeps, "invocations">,
  before: StoredInvocation,
  record: InvocationRecord,
  signal: AbortSignal,
): Promise<StoredInvocation | undefined> {
  return await untilDone(signal, async () => {
    const written = await invocations.update(before, record);
    if (written) return written;
    // A write whose answer was lost meets itself here.
    const found = await invocations.read(record.functionId, record.id);
    return found && isSame(found.record, record) ? found : undefined;
  });
}

/** Two writes of the same time are one. */
function isSame(a: InvocationRecord, b: InvocationRecord): boolean {
  return a.state === b.state && a.attempt === b.attempt &&
    a.endedAt === b.endedAt && a.notBefore === b.notBefore &&
    a.attempts.at(-1)?.endedAt === b.attempts.at(-1)?.endedAt;
}
