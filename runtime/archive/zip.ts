/** Reads a zip archive under limits: sizes, checksums and kinds are checked, not believed. */
import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";

import yauzl from "yauzl";
import { AppError } from "../../src/contracts/error.ts";
import type { Collector } from "./collector.ts";
import { crc32 } from "./crc32.ts";
import type { Meter } from "./limits.ts";
import { refuse } from "./path.ts";

/** Upper half of the external attributes when made on Unix: st_mode. */
const FILE_KIND_MASK = 0o170000;
const KINDS: Record<number, "file" | "folder"> = {
  0: "file",
  0o100000: "file",
  0o040000: "folder",
};
const MADE_ON_UNIX = 3;

/** @throws {AppError} `invalid`, `too_large` */
export async function readZip(
  archive: Uint8Array,
  collector: Collector,
  meter: Meter,
): Promise<void> {
  try {
    const zip = await yauzl.fromBufferPromise(Buffer.from(archive), {
      // Names are judged by our own rules, which say what is wrong.
      decodeStrings: false,
      lazyEntries: true,
      validateEntrySizes: true,
    });
    for await (const entry of zip.eachEntry()) {
      await readEntry(zip, entry, collector, meter);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("invalid", `Cannot unpack the archive: ${why}`, {
      hint: "Make it again, as with zip -r function.zip my-function",
      cause: error,
    });
  }
}

async function readEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  collector: Collector,
  meter: Meter,
): Promise<void> {
  const name = new TextDecoder().decode(entry.fileNameRaw);
  if (kindOf(entry, name) === "folder") {
    collector.addFolder(name);
    return;
  }
  if (entry.isEncrypted()) throw refuse(name, "it is encrypted");
  const put = collector.addFile(name);
  const chunks: Uint8Array[] = [];
  let checksum = 0;
  await readContent(zip, entry, (chunk) => {
    meter.countBytes(chunk.length);
    checksum = crc32(chunk, checksum);
    chunks.push(chunk);
  });
  if (checksum !== entry.crc32) throw refuse(name, "its checksum is wrong");
  put?.(Buffer.concat(chunks));
}

/** Listens from the first moment: an error that nobody hears ends the process. */
function readContent(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error: Error | null, stream: Readable) => {
      if (error) return reject(error);
      stream.on("error", reject);
      stream.on("end", resolve);
      stream.on("data", (chunk: Uint8Array) => {
        try {
          onChunk(chunk);
        } catch (refusal) {
          reject(refusal);
          stream.destroy();
        }
      });
    });
  });
}

function kindOf(entry: yauzl.Entry, name: string): "file" | "folder" {
  if (name.endsWith("/")) return "folder";
  if (entry.versionMadeBy >> 8 !== MADE_ON_UNIX) return "file";
  const mode = (entry.externalFileAttributes >>> 16) & FILE_KIND_MASK;
  const kind = KINDS[mode];
  if (kind) return kind;
  throw refuse(name, "it is neither a file nor a folder");
}
