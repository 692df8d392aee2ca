/** What follows from an invocation that has ended: chains, and events. */
import type { FollowUp } from "../../runtime/async/deps.ts";
import type { EventSink } from "../contracts/event.ts";
import type { AsyncInvocations } from "../contracts/invocation.ts";
import type { Registry, RuntimeHandlers } from "../contracts/port.ts";
import type { Logger } from "../log.ts";
import type { Chains } from "../trigger/chain.ts";
import {
  type Ended,
  endedAsync,
  endedEvent,
  endedSync,
} from "../trigger/ended.ts";

export interface FollowUpDeps {
  chains: Chains;
  events: EventSink;
  registry: Registry;
  async: Pick<AsyncInvocations, "result">;
  log: Logger;
}

/** Of an asynchronous one, before its message goes: again is harmless. */
export function asyncFollowUp(
  { chains, events, async }: FollowUpDeps,
): FollowUp {
  return async (record, message) => {
    const response = chains.any && record.result
      ? await async.result(record.id)
      : undefined;
    const ended = endedAsync(record, message, response);
    if (!ended) return;
    await chains.follow(ended);
    events.emit(endedEvent(ended));
  };
}

export interface SyncFollowUps extends AsyncDisposable {
  invoke: RuntimeHandlers["invoke"];
}

/** Of one that somebody waits for, after the answer; nothing where nobody asks. */
export function withFollowUps(
  invoke: RuntimeHandlers["invoke"],
  { chains, events, registry, log }: FollowUpDeps,
): SyncFollowUps {
  const running = new Set<Promise<void>>();

  async function follow(ref: string, ended: Ended): Promise<void> {
    const record = await registry.find(ref);
    if (!record) return;
    const own = { ...ended, functionId: record.id };
    if (events.wants(record.id)) events.emit(endedEvent(own));
    await chains.follow(own);
  }

  return {
    async invoke(ref, request, options) {
      const reply = await invoke(ref, request, options);
      if (!chains.any && !events.wantsAny) return reply;
      const work = follow(ref, endedSync(ref, request, options, reply))
        .catch((error) => log.warn("Cannot hand an answer on", { ref, error }))
        .finally(() => running.delete(work));
      running.add(work);
      return reply;
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(running);
    },
  };
}
