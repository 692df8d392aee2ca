/** An archive to a source tree, in memory: nothing of it is ever a path on a disk. */
import { AppError } from "../../src/contracts/error.ts";
import type { SourceTree } from "../source_tree.ts";
import { Collector } from "./collector.ts";
import { type ArchiveLimits, DEFAULT_LIMITS, Meter } from "./limits.ts";
import { readTar } from "./tar.ts";
import { readZip } from "./zip.ts";

/** Where a tar header says what it is. */
const USTAR_AT = 257;

/**
 * Reads tar.gz, tar and zip, told by their first bytes and not by a name.
 *
 * @throws {AppError} `unsupported` for another format, `invalid` for what is
 * broken or not plain files and folders, `too_large` past a limit
 */
export async function extract(
  archive: Uint8Array,
  limits: Partial<ArchiveLimits> = {},
): Promise<SourceTree> {
  const meter = new Meter({ ...DEFAULT_LIMITS, ...limits }, archive.length);
  const collector = new Collector(meter);
  switch (formatOf(archive)) {
    case "gzip":
      await readTar(archive, true, collector, meter);
      break;
    case "tar":
      await readTar(archive, false, collector, meter);
      break;
    case "zip":
      await readZip(archive, collector, meter);
      break;
    case undefined:
      throw new AppError(
        "unsupported",
        "Cannot unpack the archive: it is neither tar.gz nor zip",
        { hint: "Send a .tar.gz or .zip of the folder of the function" },
      );
  }
  return collector.tree();
}

function formatOf(archive: Uint8Array): "gzip" | "tar" | "zip" | undefined {
  if (archive[0] === 0x1f && archive[1] === 0x8b) return "gzip";
  const start = new TextDecoder("latin1").decode(archive.subarray(0, 4));
  if (start === "PK\x03\x04" || start === "PK\x05\x06") return "zip";
  const ustar = new TextDecoder("latin1")
    .decode(archive.subarray(USTAR_AT, USTAR_AT + 5));
  return ustar === "ustar" ? "tar" : undefined;
}
