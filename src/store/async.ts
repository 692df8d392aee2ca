/** Everything that asynchronous invocations are kept in, opened together. */
import type { DeadLetters } from "../contracts/dead.ts";
import type { FlowState } from "../contracts/async_queue.ts";
import type { AsyncInvocations } from "../contracts/invocation.ts";
import type { ObjectStore, Registry } from "../contracts/port.ts";
import type { Sealer } from "../contracts/sealer.ts";
import type { AsyncParts } from "../nats/bootstrap_async.ts";
import { BUCKET, subject } from "../nats/subject.ts";
import { asyncInvocations } from "./async_invocations.ts";
import { asyncQueue, type WritableQueue } from "./async_queue.ts";
import { deadLetters } from "./dead_letters.ts";
import { flowState } from "./flow_state.ts";
import { invocationStore, type SearchableInvocations } from "./invocations.ts";
import { objectStore } from "./objects.ts";
import { sealedObjects } from "./sealed_objects.ts";

export interface AsyncStores {
  queue: WritableQueue;
  invocations: SearchableInvocations;
  payloads: ObjectStore;
  flow: FlowState;
  dead: DeadLetters;
  async: AsyncInvocations;
}

export function asyncStores(
  parts: AsyncParts,
  registry: Registry,
  sealer: Sealer,
): AsyncStores {
  const payloads = sealedObjects(
    objectStore(parts.payloads, parts.js),
    BUCKET.payloads,
    sealer,
  );
  const queue = asyncQueue(parts, payloads, sealer);
  const invocations = invocationStore(parts, sealer);
  return {
    queue,
    invocations,
    payloads,
    flow: flowState(parts.flow, invocations),
    dead: deadLetters(parts, payloads, sealer),
    async: asyncInvocations({
      queue,
      invocations,
      payloads,
      registry,
      announceCancel: (id) => parts.nc.publish(subject.cancel, id),
    }),
  };
}
