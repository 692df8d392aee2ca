/** A process named so that a reused pid is never mistaken for it. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { pause } from "../pause.ts";

export const ProcessIdentity = z.object({
  pid: z.int().positive(),
  /** In clock ticks since the boot, from /proc. */
  startTime: z.int().nonnegative(),
});
export type ProcessIdentity = z.output<typeof ProcessIdentity>;

const POLL_MS = 20;

/** Who has this pid now; undefined when nobody, or only a zombie. */
export async function identify(
  pid: number,
): Promise<ProcessIdentity | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // proc(5): the name in brackets may hold anything; field 3 follows it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return { pid, startTime: Number(fields[19]) };
}

export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  const current = await identify(process.pid);
  return current?.startTime === process.startTime;
}

/**
 * Ends a process that need not be our child: SIGTERM, SIGKILL after the grace.
 *
 * @returns false when it was gone already
 */
export async function endProcess(
  process: ProcessIdentity,
  graceMs = 10_000,
): Promise<boolean> {
  if (!await isAlive(process)) return false;
  signal(process.pid, "SIGTERM");
  if (await isGone(process, graceMs)) return true;
  signal(process.pid, "SIGKILL");
  await isGone(process, graceMs);
  return true;
}

/** Only a parent is told of an end, so anybody else has to look. */
async function isGone(
  process: ProcessIdentity,
  withinMs: number,
): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (await isAlive(process)) {
    if (performance.now() > until) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** Sends a signal; nothing when the process, or group for −pid, is gone. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
