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
const LOCAL_HEADER = 30;

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
    const reading: Reading = { zip, archive, spans: [], collector, meter };
    for await (const entry of zip.eachEntry()) await readEntry(entry, reading);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("invalid", `Cannot unpack the archive: ${why}`, {
      hint: "Make it again, as with zip -r function.zip my-function",
      cause: error,
    });
  }
}

interface Reading {
  zip: yauzl.ZipFile;
  archive: Uint8Array;
  /** Of the files read so far. */
  spans: Span[];
  collector: Collector;
  meter: Meter;
}

/** Bytes of the archive that belong to one entry. */
interface Span {
  start: number;
  end: number;
}

/** Local header, name, extra field and data (PKWARE APPNOTE §4.3.7). */
function spanOf(archive: Uint8Array, entry: yauzl.Entry): Span {
  const start = entry.relativeOffsetOfLocalHeader;
  const view = new DataView(archive.buffer, archive.byteOffset, archive.length);
  if (start + LOCAL_HEADER > archive.length) {
    return { start, end: start + entry.compressedSize };
  }
  const name = view.getUint16(start + 26, true);
  const extra = view.getUint16(start + 28, true);
  const end = start + LOCAL_HEADER + name + extra + entry.compressedSize;
  return { start, end };
}

/** A bomb lets entries share bytes; nobody else does. */
function claim(spans: Span[], { start, end }: Span, name: string): void {
  if (spans.some((each) => start < each.end && each.start < end)) {
    throw refuse(name, "its bytes are another entry's too");
  }
  spans.push({ start, end });
}

async function readEntry(
  entry: yauzl.Entry,
  { zip, archive, spans, collector, meter }: Reading,
): Promise<void> {
  const name = new TextDecoder().decode(entry.fileNameRaw);
  if (kindOf(entry, name) === "folder") {
    collector.addFolder(name);
    return;
  }
  if (entry.isEncrypted()) throw refuse(name, "it is encrypted");
  const put = collector.addFile(name);
  claim(spans, spanOf(archive, entry), name);
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
