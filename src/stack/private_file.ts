/** Files for their owner's eyes alone. */
import { randomBytes } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";

/** Mode 0600, whole or not at all. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
