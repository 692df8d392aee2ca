/** Looks for a marker in every file of a folder: plain, in base64, inside of gzip. */
import { Buffer } from "node:buffer";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, inflateRawSync } from "node:zlib";

/** With no flags set, as archives of these tests have it. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08, 0]);
const HEADER_BYTES = 10;

/** @returns where it was found, and as what */
export async function findOnDisk(
  folder: string,
  marker: string,
): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A file may go while it is looked for: the server compacts its own.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    for (const [as, needle] of spellings(marker)) {
      if (bytes.includes(needle)) found.push(`${path}: ${as}`);
    }
    for (const unpacked of gzipped(bytes)) {
      if (unpacked.includes(marker)) found.push(`${path}: gzip`);
    }
  }
  return found;
}

/** Base64 differs by where in three bytes the marker begins. */
function spellings(marker: string): [string, string][] {
  const shifted = [0, 1, 2].map((shift): [string, string] => {
    const text = Buffer.from("x".repeat(shift) + marker).toString("base64");
    // The first and last characters also depend on what is beside.
    return [`base64 at ${shift}`, text.slice(shift === 0 ? 0 : 4, -4)];
  });
  return [
    ["plain", marker],
    ["hexadecimal", Buffer.from(marker).toString("hex")],
    ...shifted,
  ];
}

/** What can be inflated from each place where gzip may begin (RFC 1952). */
function* gzipped(bytes: Buffer): Generator<Buffer> {
  for (
    let at = bytes.indexOf(GZIP);
    at >= 0;
    at = bytes.indexOf(GZIP, at + 1)
  ) {
    try {
      // Raw: what follows the end of the deflated data does no harm.
      yield inflateRawSync(bytes.subarray(at + HEADER_BYTES), {
        finishFlush: constants.Z_SYNC_FLUSH,
      });
    } catch {
      // Bytes that only looked like it.
    }
  }
}
