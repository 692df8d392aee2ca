/** A second process of a program that runs: the same command and environment. */
import { ok } from "node:assert";
import {
  superviseChild,
  type SupervisedChild,
} from "../../../src/stack/child.ts";
import type { TestStack } from "../../support/stack.ts";
import { pidOf, type Program } from "./parts.ts";

/** @param change Of its environment. */
export async function startTwin(
  stack: TestStack,
  program: Program,
  change: Record<string, string>,
  ready: (signal: AbortSignal) => Promise<void>,
): Promise<SupervisedChild> {
  const pid = await pidOf(stack, program);
  const [command, ...args] = await parts(`/proc/${pid}/cmdline`);
  ok(command);
  const env = Object.fromEntries(
    (await parts(`/proc/${pid}/environ`)).map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  return await superviseChild({
    name: `${program} twin`,
    command,
    args,
    env: { ...env, ...change },
    logFile: `${stack.home}/${program}-twin.log`,
    ready,
    readyTimeoutMs: 120_000,
  });
}

async function parts(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).split("\0").filter((part) => part);
}
