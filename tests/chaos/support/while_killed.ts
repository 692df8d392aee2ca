/** Work on a stack whose gateway, runtime and NATS are killed meanwhile. */
import { scaled } from "../../support/scale.ts";
import type { TestStack } from "../../support/stack.ts";
import { many } from "./accepted.ts";
import { startKiller } from "./killer.ts";

/** How often the work is done. */
export const COUNT = scaled(60, 1_000);

/** How often each program is killed at least. */
const ROUNDS = scaled(1, 8);
const PROGRAMS = ["gateway", "runtime", "nats"] as const;
/** Between two kills at most, in milliseconds. */
const KILL_PAUSE_MS = 2_500;

export interface Survived<Value> {
  /** By index. */
  results: Value[];
  /** What was killed and how often, for a report. */
  kills: string;
}

/**
 * Resolves when the work was done `COUNT` times, everything was killed often
 * enough, and all of it is back.
 */
export async function whileKilled<Value>(
  stack: TestStack,
  pace: { atOnce: number; pauseMs: number },
  act: (index: number) => Promise<Value>,
): Promise<Survived<Value>> {
  await using killer = startKiller(stack, {
    programs: PROGRAMS,
    pauseMs: KILL_PAUSE_MS,
  });
  const results = await many({ ...pace, count: COUNT }, act);
  await killer.rounds(ROUNDS);
  await killer.stop();
  const kills = Array.from(killer.kills)
    .map(([name, times]) => `${name} -9 × ${times}`).join(", ");
  return { results, kills };
}
