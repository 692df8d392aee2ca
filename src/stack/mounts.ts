/** What is mounted on this machine, as the kernel lists it, and its end. */
import { readFile } from "node:fs/promises";
import { lastLines, run } from "./run.ts";

export interface Mount {
  path: string;
  type: string;
  source: string;
}

/** Oldest first. proc(5): `id parent dev root path options … - type source …` */
export async function mounts(): Promise<Mount[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text.trimEnd().split("\n").map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type = "", source = ""] = after.split(" ");
    return { path: unescape(before.split(" ")[4] ?? ""), type, source };
  });
}

/**
 * In use still, it goes from sight now and for good when its users end.
 *
 * @returns why it stays; undefined when it is gone
 */
export async function unmount(path: string): Promise<string | undefined> {
  if ((await run("umount", [path])).code === 0) return undefined;
  const lazy = await run("umount", ["--lazy", path]);
  return lazy.code === 0 ? undefined : lastLines(lazy.stderr, 1);
}

/** White space in a path is written in octal. */
function unescape(path: string): string {
  return path.replaceAll(
    /\\([0-7]{3})/g,
    (_all, octal: string) => String.fromCharCode(parseInt(octal, 8)),
  );
}
