/** Work that was accepted while parts were killed, and what became of it. */
import {
  hasEnded,
  InvocationPage,
  type InvocationRecord,
} from "../../../src/contracts/invocation.ts";
import { LogList } from "../../../src/contracts/log.ts";
import type { TestStack } from "../../support/stack.ts";
import { until } from "../../support/until.ts";

/** A sender that goes on until it is heard gives up after this, in milliseconds. */
const SEND_MS = 120_000;
/** How long everything may take to end once nothing is killed, in milliseconds. */
const SETTLE_MS = 240_000;
/** Below what the supervisor waits before it starts a program again. */
const AGAIN_MS = 100;

/**
 * Sends the same request until it is accepted: a sender that heard nothing
 * cannot know whether it was.
 */
export async function sendUntilAccepted(
  ask: () => Promise<Response>,
  isAccepted: (response: Response) => boolean,
): Promise<Response> {
  const limit = AbortSignal.timeout(SEND_MS);
  for (;;) {
    limit.throwIfAborted();
    const response = await ask().catch(() => undefined);
    if (response && isAccepted(response)) return response;
    await response?.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Calls it so many times, a few at once, with pauses of any length between. */
export async function many<Value>(
  { count, atOnce, pauseMs }: {
    count: number;
    atOnce: number;
    /** At most. */
    pauseMs: number;
  },
  act: (index: number) => Promise<Value>,
): Promise<Value[]> {
  const results: Value[] = [];
  let next = 0;
  async function sender(): Promise<void> {
    for (let index = next++; index < count; index = next++) {
      const ms = Math.random() * pauseMs;
      await new Promise((resolve) => setTimeout(resolve, ms));
      results[index] = await act(index);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sender));
  return results;
}

/** Every invocation that the API lists of a function, by its id. */
export async function recordsOf(
  stack: TestStack,
  name: string,
): Promise<Map<string, InvocationRecord>> {
  const records = new Map<string, InvocationRecord>();
  let cursor = "";
  for (;;) {
    const response = await stack.call(
      "GET",
      `/api/functions/${name}/invocations?limit=1000${cursor}`,
    );
    const { invocations, next } = InvocationPage.parse(await response.json());
    for (const record of invocations) records.set(record.id, record);
    if (next === undefined) return records;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}

/** Waits until these have ended; those that have not are in no last state. */
export async function recordsAtTheEnd(
  stack: TestStack,
  name: string,
  ids: readonly string[],
): Promise<Map<string, InvocationRecord>> {
  let records = new Map<string, InvocationRecord>();
  await until(async () => {
    records = await recordsOf(stack, name).catch(() => records);
    return ids.every((id) => hasEnded(records.get(id)?.state ?? "queued"));
  }, SETTLE_MS).catch(() => {});
  return records;
}

/** How often each line that a function wrote is in its log. */
export async function logCounts(
  stack: TestStack,
  name: string,
): Promise<Map<string, number>> {
  const response = await stack.call(
    "GET",
    `/api/functions/${name}/logs?limit=10000`,
  );
  const counts = new Map<string, number>();
  for (const { message } of LogList.parse(await response.json()).logs) {
    counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  return counts;
}
