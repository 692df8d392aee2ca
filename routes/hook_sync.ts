/** Webhooks in mode `sync`: the sender gets the function's answer; a repeat runs nothing. */
import { AppError } from "../src/contracts/error.ts";
import type { InvokeReply } from "../src/contracts/port.ts";
import { toHttp } from "./cloud_response.ts";
import { foundFunction } from "./found.ts";
import type { HookDeps, WantedDelivery } from "./wanted_delivery.ts";

/** No sender waits longer for an answer. */
const MAX_RUN_MS = 60_000;

/** When nothing was heard for so long, whoever took the delivery is gone. */
const LEASE_MS = MAX_RUN_MS + 10_000;
const BUSY_RETRY_S = 10;

/**
 * A repeat of what has run is answered without its answer, which is not kept.
 * What failed may be sent again, and runs again.
 *
 * @throws {AppError} `busy` while the delivery runs, and what the runtime refuses
 */
export async function runDelivery(
  { registry, runtime, deliveries }: HookDeps,
  { trigger, genuine: { invocationId }, request, traceparent }: WantedDelivery,
): Promise<Response> {
  const { id, current } = await foundFunction(registry, trigger.functionId);
  const outcome = await deliveries.take(invocationId, LEASE_MS);
  if (outcome === "done") {
    return Response.json({ invocationId, duplicate: true });
  }
  if (outcome === "busy") throw runsStill();
  const asked = performance.now();
  try {
    const reply = await runtime.invoke(id, request, {
      version: current ?? undefined,
      deadline: Date.now() + MAX_RUN_MS,
      traceparent,
    });
    if (hasFailed(reply)) await deliveries.release(invocationId);
    else await deliveries.settle(invocationId);
    return toHttp(reply, performance.now() - asked);
  } catch (error) {
    await deliveries.release(invocationId);
    throw error;
  }
}

function hasFailed({ outcome: { response } }: InvokeReply): boolean {
  return response === undefined || response.statusCode >= 500;
}

function runsStill(): AppError {
  return new AppError("busy", "This delivery runs still", {
    hint: "Send it again later: once it has run, a repeat is answered at once",
    retryAfter: BUSY_RETRY_S,
  });
}
