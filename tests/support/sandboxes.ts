/** The sandboxes of a stack, behind its runtime's back. */
import { dockerEngine } from "../../runtime/engine/docker.ts";
import type { ContainerSummary } from "../../runtime/engine/engine.ts";
import { LABEL } from "../../runtime/labels.ts";
import type { TestStack } from "./stack.ts";

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
