/** What an engine leaves when it ends or is killed: helpers, containers, mounts. */
import { readFile } from "node:fs/promises";
import { pause } from "../pause.ts";
import { mounts, unmount } from "./mounts.ts";
import { signal } from "./process.ts";

const RETRY_MS = 20;

/**
 * Waits for the processes that an engine started for a folder of ours: their
 * command lines name it. After a container's end they mount its storage again,
 * for a moment. Those that stay, and the containers that they watch, are killed.
 */
export async function endHelpers(
  folder: string,
  graceMs: number,
): Promise<void> {
  const until = performance.now() + graceMs;
  for (;;) {
    const helpers = await processesNaming(folder);
    if (helpers.length === 0) return;
    if (performance.now() > until) return await killWithChildren(helpers);
    await pause(RETRY_MS);
  }
}

async function killWithChildren(pids: number[]): Promise<void> {
  for (const pid of await allProcesses()) {
    if (pids.includes(await parentOf(pid))) signal(pid, "SIGKILL");
  }
  for (const pid of pids) signal(pid, "SIGKILL");
}

async function processesNaming(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await allProcesses()) {
    const args = (await readProc(pid, "cmdline")).split("\0");
    if (args.some((arg) => arg === folder || arg.startsWith(`${folder}/`))) {
      found.push(pid);
    }
  }
  return found;
}

/** This one is left out. */
async function allProcesses(): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && pid !== Deno.pid) pids.push(pid);
  }
  return pids;
}

/** proc(5): the name in brackets may hold anything; state and parent follow. */
async function parentOf(pid: number): Promise<number> {
  const stat = await readProc(pid, "stat");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

async function readProc(pid: number, file: string): Promise<string> {
  return await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
}

/** Ends every mount below a folder, the innermost first. */
export async function unmountBelow(folder: string): Promise<void> {
  const paths = (await mounts()).map(({ path }) => path)
    .filter((path) => path === folder || path.startsWith(`${folder}/`));
  for (const path of paths.reverse()) await unmount(path);
}
