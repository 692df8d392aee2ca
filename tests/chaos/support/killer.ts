/** Kills programs of a stack at random, one at a time, until it is stopped. */
import { pause } from "../../../src/pause.ts";
import type { TestStack } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { hurt, type Program } from "../faults/parts.ts";

/** How long the rounds may take together, in milliseconds. */
const ROUNDS_MS = 600_000;

export interface Killer extends AsyncDisposable {
  /** How often each was killed. */
  readonly kills: Map<Program, number>;
  /** Resolves when each was killed so often at least. */
  rounds(count: number): Promise<void>;
  /** Kills no more; resolves when all of them are back. */
  stop(): Promise<void>;
}

export interface KillerOptions {
  programs: readonly Program[];
  /** Between one that is back and the next kill, at most; in milliseconds. */
  pauseMs: number;
}

export function startKiller(
  stack: TestStack,
  { programs, pauseMs }: KillerOptions,
): Killer {
  const kills = new Map<Program, number>();
  const stopping = new AbortController();
  /** In another order each round: none is left out by chance. */
  async function run(): Promise<void> {
    for (;;) {
      for (const program of shuffled(programs)) {
        await pause(Math.random() * pauseMs, stopping.signal);
        if (stopping.signal.aborted) return;
        await hurt(stack, program, "SIGKILL");
        kills.set(program, (kills.get(program) ?? 0) + 1);
      }
    }
  }
  const running = run();
  async function stop(): Promise<void> {
    stopping.abort();
    await running;
  }
  return {
    kills,
    rounds: (count) =>
      Promise.race([
        running,
        until(
          () => programs.every((each) => (kills.get(each) ?? 0) >= count),
          ROUNDS_MS,
        ),
      ]),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function shuffled<Value>(values: readonly Value[]): Value[] {
  return values.map((value) => ({ value, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
