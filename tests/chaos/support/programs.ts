/** The processes of a stack's programs, and what memory they hold. */
import { readState } from "../../../src/stack/state.ts";
import type { TestStack } from "../../support/stack.ts";

/** By the program's name, as the stack's record has them. */
export async function pidsOf(
  { home }: Pick<TestStack, "home">,
): Promise<Record<string, number>> {
  const state = await readState(home);
  return Object.fromEntries(
    (state?.children ?? []).map(({ name, pid }) => [name, pid]),
  );
}

/** Resident memory of a process, in MB. */
export async function memoryMbOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}
