/** A digest of files by path, always the same for the same files. */
import { createHash } from "node:crypto";

/** @param also What else makes the result differ, such as the compiler. */
export function digestOf(
  files: ReadonlyMap<string, Uint8Array>,
  ...also: string[]
): string {
  const hash = createHash("sha256");
  for (const name of Array.from(files.keys()).sort()) {
    const bytes = files.get(name) ?? new Uint8Array();
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  for (const text of also) hash.update(`\0${text}`);
  return hash.digest("hex");
}
