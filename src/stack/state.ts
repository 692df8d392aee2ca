/** The running stack's record, so that another command finds it and nothing outlives it. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parseJson } from "../contracts/parse.ts";
import { isAbsent, writePrivate } from "./private_file.ts";
import { type FileLock, tryLock } from "./lock.ts";
import { endProcess, ProcessIdentity } from "./process.ts";

export const StackState = z.object({
  /** Of the kernel's run; after another boot no recorded process lives. */
  bootId: z.string(),
  supervisor: ProcessIdentity,
  children: z.array(ProcessIdentity.extend({ name: z.string() })),
  /** The gateway; undefined until it listens. */
  url: z.string().optional(),
  /** With its credentials. */
  natsUrl: z.string().optional(),
  /** Of the user that services share. */
  natsServiceUrl: z.string().optional(),
  engineSocket: z.string().optional(),
  /** What `mountShared` gave. */
  functionsDir: z.string().optional(),
  startedAt: z.iso.datetime(),
});
export type StackState = z.output<typeof StackState>;

export async function readBootId(): Promise<string> {
  const text = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  return text.trim();
}

export async function writeState(
  home: string,
  state: StackState,
): Promise<void> {
  await writePrivate(fileIn(home), JSON.stringify(state, undefined, 2) + "\n");
}

/**
 * The last record; whether its processes live is another question.
 *
 * @throws {AppError} `invalid` when the file is not one of ours
 */
export async function readState(
  home: string,
): Promise<StackState | undefined> {
  const file = fileIn(home);
  try {
    return parseJson(StackState, await readFile(file, "utf8"), file);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export async function removeState(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}

/**
 * The right to run the stack of this home; the kernel takes it back when the
 * process ends, however it ends.
 *
 * @throws {AppError} `conflict` when a stack runs there
 */
export async function takeStackLock(home: string): Promise<FileLock> {
  const lock = await tryLock(join(home, "stack.lock"));
  if (lock) return lock;
  const url = (await readState(home).catch(() => undefined))?.url;
  throw new AppError(
    "conflict",
    `Cannot start Oche in "${home}": it runs already${url ? ` at ${url}` : ""}`,
    {
      hint:
        "End it with ./oche down, or start another with its own OCHE_HOME and OCHE_PORT",
    },
  );
}

/**
 * Ends what a supervisor that is gone left running. Call it with the lock held.
 *
 * @returns the names of what was ended
 */
export async function endStale(state: StackState): Promise<string[]> {
  if (state.bootId !== await readBootId()) return [];
  const ended: string[] = [];
  for (const child of state.children.toReversed()) {
    if (await endProcess(child)) ended.push(child.name);
  }
  return ended;
}

function fileIn(home: string): string {
  return join(home, "stack.json");
}
