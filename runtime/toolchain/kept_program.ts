/** Programs of our own, compiled once for every installation that shares a folder. */
import { basename, dirname } from "node:path";

const DAY_MS = 24 * 3_600_000;
/** What an Oche that is gone left there. */
const UNUSED_MS = 7 * DAY_MS;

/**
 * The file's bytes, else those that are made now. Whoever cannot keep them,
 * because the folder is not theirs to write, makes them again the next time.
 *
 * @param file Its name ends in `-` and a digest of all that it is made of.
 */
export async function keptProgram(
  file: string,
  make: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const kept = await read(file);
  if (kept) return kept;
  const made = await make();
  await keep(file, made).catch(() => {});
  return made;
}

async function read(file: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await Deno.readFile(file);
    await Deno.utime(file, new Date(), new Date()).catch(() => {});
    return bytes;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, whoever else keeps it at the same time. */
async function keep(file: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(file);
  const part = await Deno.makeTempFile({ dir: folder, suffix: ".part" });
  try {
    await Deno.writeFile(part, bytes);
    await Deno.rename(part, file);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
  const name = basename(file);
  const prefix = name.slice(0, name.lastIndexOf("-") + 1);
  for await (const { name: other } of Deno.readDir(folder)) {
    if (other === name || !other.startsWith(prefix)) continue;
    const { mtime } = await Deno.stat(`${folder}/${other}`);
    if (Date.now() - (mtime?.getTime() ?? 0) < UNUSED_MS) continue;
    await Deno.remove(`${folder}/${other}`);
  }
}
