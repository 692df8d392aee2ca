/** The keys that seal what is stored: read, exchanged, and the old ones dropped. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../contracts/error.ts";
import { parse } from "../contracts/parse.ts";
import { SEAL_KEY_BYTES, SealKeys } from "../contracts/sealer.ts";
import { isAbsent, writePrivate } from "./private_file.ts";
import { withLock } from "./lock.ts";

/** A key a line, the newest first; made at the first call. */
export async function readSealKeys(home: string): Promise<string[]> {
  return await find(home) ?? await write(home, [newKey()]);
}

/**
 * Puts a new key before the others. Programs take it at their next start.
 *
 * @returns how many keys there are now
 * @throws {AppError} `not_found` when there is no installation
 */
export async function rotateSealKeys(home: string): Promise<number> {
  return await change(home, (keys) => [newKey(), ...keys]);
}

/** Leaves the newest alone: what another one sealed cannot be read again. */
export async function dropOldSealKeys(home: string): Promise<number> {
  return await change(home, (keys) => keys.slice(0, 1));
}

async function change(
  home: string,
  edit: (keys: string[]) => string[],
): Promise<number> {
  // Before the lock, whose file is in that folder.
  if (!await find(home)) throw nothingThere(home);
  return await withLock(join(home, "lock"), async () => {
    const keys = await find(home);
    if (!keys) throw nothingThere(home);
    return (await write(home, edit(keys))).length;
  });
}

function nothingThere(home: string): AppError {
  return new AppError("not_found", `Cannot find "${fileIn(home)}"`, {
    hint: "./oche up makes one; OCHE_HOME says where",
  });
}

function newKey(): string {
  return randomBytes(SEAL_KEY_BYTES).toString("base64url");
}

function fileIn(home: string): string {
  return join(home, "seal.key");
}

/** @throws {AppError} `invalid` when the file is not one of ours */
async function find(home: string): Promise<string[] | undefined> {
  const file = fileIn(home);
  try {
    const keys = (await readFile(file, "utf8")).trim().split(/\s+/);
    parse(SealKeys, keys.join(","), file);
    return keys;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function write(home: string, keys: string[]): Promise<string[]> {
  await writePrivate(fileIn(home), `${keys.join("\n")}\n`);
  return keys;
}
