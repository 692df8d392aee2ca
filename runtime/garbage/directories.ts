/** Removes exchange directories, and folders of compilers, without a container. */
import { unlimitDirectory } from "../exchange/quota.ts";
import { BOXES } from "../prewarm/generic_sandbox.ts";
import { BUILDS } from "../toolchain/kernel_compiler.ts";

/** A directory younger than this may belong to a container in the making. */
const YOUNG_MS = 60_000;

/** @param containers The names of those that have an owner. */
export async function removeOrphanDirectories(
  functionsDir: string,
  containers: ReadonlySet<string>,
): Promise<void> {
  for (const { path, name } of exchangeDirectories(functionsDir)) {
    if (containers.has(name) || await isYoung(path)) continue;
    unlimitDirectory(path);
    await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

/** Every `{uuid}/v{version}/{containerName}`, and the folders of generic sandboxes and of compilers. */
function* exchangeDirectories(
  root: string,
): Generator<{ path: string; name: string }> {
  for (const folder of [BOXES, BUILDS]) {
    for (const name of folders(`${root}/${folder}`)) {
      yield { path: `${root}/${folder}/${name}`, name };
    }
  }
  for (const id of folders(root)) {
    for (const version of folders(`${root}/${id}`)) {
      for (const name of folders(`${root}/${id}/${version}`)) {
        yield { path: `${root}/${id}/${version}/${name}`, name };
      }
    }
  }
}

function folders(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path))
      .filter(({ isFile, name }) => !isFile && !name.startsWith("."))
      .map(({ name }) => name);
  } catch {
    return []; // Removed meanwhile.
  }
}

async function isYoung(path: string): Promise<boolean> {
  try {
    const { mtime } = await Deno.lstat(path);
    return Date.now() - (mtime?.getTime() ?? 0) < YOUNG_MS;
  } catch {
    return true;
  }
}
