/** Digests of files by path, always the same for the same files. */
import { createHash } from "node:crypto";

/**
 * What a function's image starts its tag with: the packages that speak with the
 * runtime. One of another generation is built again before it serves.
 */
export function generationOf(
  packages: ReadonlyMap<string, Uint8Array>,
  ...also: string[]
): string {
  return digestOf(packages, ...also).slice(0, 8);
}

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
