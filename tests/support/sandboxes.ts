/** The sandboxes of a stack, behind its runtime's back. */
import { dockerEngine } from "../../runtime/engine/docker.ts";
import type { ContainerSummary } from "../../runtime/engine/engine.ts";
import { LABEL } from "../../runtime/labels.ts";
import type { TestStack } from "./stack.ts";
import { until } from "./until.ts";

/** Within this a sandbox that is not kept is gone, in milliseconds. */
const GONE_MS = 15_000;
const MAX_CALLS = 3;

export function sandboxes(
  { engineSocket: socketPath }: TestStack,
): Promise<ContainerSummary[]> {
  return dockerEngine({ socketPath }).list({ [LABEL.role]: "sandbox" });
}

export async function kill(
  { engineSocket: socketPath }: TestStack,
  which: ContainerSummary,
): Promise<void> {
  await dockerEngine({ socketPath }).remove(which.id);
}

/**
 * Calls a function until no sandbox of those is left: the runtime hears of a
 * setting in its own time, and what served before is kept as it was.
 */
export async function untilNoneIsKept(
  stack: TestStack,
  name: string,
  isOne: (each: ContainerSummary) => boolean = () => true,
): Promise<void> {
  const isLeft = async () => (await sandboxes(stack)).some(isOne);
  for (let call = 0; call < MAX_CALLS; call++) {
    await stack.invoke(name);
    await until(async () => !await isLeft(), GONE_MS).catch(() => {});
    if (!await isLeft()) return;
  }
  throw new Error(`A sandbox of ${name} is kept`);
}
