/** One more runtime beside a stack's own: the same program in the same surroundings. */
import { readFile } from "node:fs/promises";
import { superviseChild, type SupervisedChild } from "../../src/stack/child.ts";
import { readState } from "../../src/stack/state.ts";
import type { TestStack } from "./stack.ts";

/** Not started again when it dies. */
export async function startSecondRuntime(
  { home }: TestStack,
): Promise<SupervisedChild> {
  const state = await readState(home);
  const first = state?.children.find(({ name }) => name === "runtime");
  if (!first) throw new Error("The stack has no runtime");
  const [command = "", ...args] = await listOf(first.pid, "cmdline");
  const env = Object.fromEntries(
    (await listOf(first.pid, "environ")).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  return await superviseChild({
    name: "second runtime",
    command,
    args,
    env,
    restart: false,
    logFile: `${home}/second_runtime.log`,
  });
}

/** A file of proc(5) that holds texts, each ended by a NUL. */
async function listOf(pid: number, file: string): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/${file}`, "utf8");
  return text.split("\0").slice(0, -1);
}
