/** The memory-backed folder of the exchange: a tmpfs of capped size, mounted shared. */
import { chmod, lstat, mkdir, rm, rmdir } from "node:fs/promises";
import { basename } from "node:path";
import { AppError } from "../contracts/error.ts";
import { type Mount, mounts, unmount } from "./mounts.ts";
import { lastLines, run } from "./run.ts";

export interface SharedMemoryOptions {
  /** Default: a quarter of the memory, at most 2 GiB. */
  sizeBytes?: number;
}

export interface SharedMemory {
  /** Where it is; with the fallback not where it was asked for. */
  path: string;
  /** A `folder` has no size limit of its own, and no nested mounts reach a sandbox. */
  kind: "tmpfs" | "folder";
  /** What the operator should know. */
  notice: string | undefined;
}

const MB = 1024 * 1024;
const MAX_DEFAULT_SIZE = 2048 * MB;
const BYTES_PER_INODE = 16 * 1024;
const SOURCE = "oche";
const FALLBACK_PARENT = "/dev/shm";

export function defaultSize(): number {
  return Math.min(Deno.systemMemoryInfo().total / 4, MAX_DEFAULT_SIZE);
}

/**
 * Mounts it, or takes over what an earlier run of ours left mounted there.
 *
 * @throws {AppError} `conflict` when something else is mounted there
 */
export async function mountShared(
  path: string,
  { sizeBytes = defaultSize() }: SharedMemoryOptions = {},
): Promise<SharedMemory> {
  if (Deno.uid() !== 0) return await useFolder(path, "mounting needs root");
  const present = (await mountsAt(path)).at(-1);
  if (present && !isOurs(present)) {
    throw new AppError(
      "conflict",
      `Cannot mount "${path}": a ${present.type} is mounted there already`,
      { hint: "Unmount it, or name another folder" },
    );
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  const size = Math.floor(sizeBytes);
  const limits = `size=${size},nr_inodes=${Math.ceil(size / BYTES_PER_INODE)}`;
  const mounted = present
    ? await run("mount", ["-o", `remount,${limits}`, path])
    : await run("mount", [
      ...["-t", "tmpfs", "-o", `${limits},mode=0700,nosuid,nodev`],
      ...[SOURCE, path],
    ]);
  if (mounted.code !== 0) {
    return await useFolder(path, lastLines(mounted.stderr, 1));
  }
  const shared = await run("mount", ["--make-shared", path]);
  if (shared.code === 0) return { path, kind: "tmpfs", notice: undefined };
  await unmountShared(path);
  return await useFolder(path, lastLines(shared.stderr, 1));
}

/** Ends what `mountShared` made, nested mounts first; nothing else's. */
export async function unmountShared(path: string): Promise<void> {
  if (path.startsWith(`${FALLBACK_PARENT}/`)) {
    await rm(path, { recursive: true, force: true });
    return;
  }
  if (!(await mountsAt(path)).some(isOurs)) return;
  const below = (await mounts())
    .filter((mount) => mount.path.startsWith(`${path}/`));
  for (const mount of below.reverse()) await end(mount.path);
  for (const mount of (await mountsAt(path)).reverse()) {
    if (!isOurs(mount)) return;
    await end(mount.path);
  }
  await rmdir(path).catch(() => {});
}

/** @throws {AppError} `internal` */
async function end(path: string): Promise<void> {
  const why = await unmount(path);
  if (why === undefined) return;
  throw new AppError("internal", `Cannot unmount "${path}": it is refused`, {
    hint: why,
  });
}

async function useFolder(path: string, why: string): Promise<SharedMemory> {
  const folder = `${FALLBACK_PARENT}/oche-${Deno.uid()}-${basename(path)}`;
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { uid, isDirectory } = await ownerOf(folder);
    if (!isDirectory || uid !== Deno.uid()) {
      throw new AppError(
        "unavailable",
        `Cannot keep requests in memory at "${folder}": it is not ours`,
        { hint: "Remove it, or run as root", cause: error },
      );
    }
    await chmod(folder, 0o700);
  }
  return {
    path: folder,
    kind: "folder",
    notice:
      `Requests are kept in ${folder}, without a size limit, as no tmpfs could be mounted: ${why}`,
  };
}

async function ownerOf(
  path: string,
): Promise<{ uid: number; isDirectory: boolean }> {
  try {
    const info = await lstat(path);
    return { uid: info.uid, isDirectory: info.isDirectory() };
  } catch {
    return { uid: -1, isDirectory: false };
  }
}

function isOurs({ type, source }: Mount): boolean {
  return type === "tmpfs" && source === SOURCE;
}

async function mountsAt(path: string): Promise<Mount[]> {
  return (await mounts()).filter((mount) => mount.path === path);
}
