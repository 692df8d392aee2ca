/** Reads a tar archive, plain or compressed, under limits. */
import { Buffer } from "node:buffer";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import tar from "tar-stream";
import { AppError } from "../../src/contracts/error.ts";
import type { Collector } from "./collector.ts";
import type { Meter } from "./limits.ts";
import { refuse } from "./path.ts";

const BLOCK = 512;
/** The size field of a header: octal, or base 256 where its first bit is set. */
const SIZE_AT = 124;
const SIZE_LENGTH = 12;

/** Records of PAX that say where the holes of a file are. */
const SPARSE = "GNU.sparse.";

/** @throws {AppError} `invalid`, `too_large` */
export async function readTar(
  archive: Uint8Array,
  compressed: boolean,
  collector: Collector,
  meter: Meter,
): Promise<void> {
  const plain = compressed ? await gunzip(archive, meter) : archive;
  if (!compressed) meter.countBytes(plain.length);
  checkEnd(plain);
  const extract = tar.extract();
  const reading = readEntries(extract, collector);
  try {
    await Promise.all([
      pipeline(Readable.from([Buffer.from(plain)]), extract),
      reading,
    ]);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw broken(error);
  }
}

/** Decompression stops as soon as the meter says so. */
async function gunzip(
  archive: Uint8Array,
  meter: Meter,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      try {
        meter.countBytes(chunk.length);
        chunks.push(chunk);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  try {
    await pipeline(Readable.from([Buffer.from(archive)]), createGunzip(), sink);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw broken(error);
  }
  return Buffer.concat(chunks);
}

/**
 * An archive ends with blocks of zeros where a header would be; one that was
 * cut off does not. Nobody else asks: zeros may be an entry's content too.
 */
function checkEnd(plain: Uint8Array): void {
  let at = 0;
  while (at + BLOCK <= plain.length) {
    const header = plain.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    at += BLOCK + Math.ceil(sizeOf(header) / BLOCK) * BLOCK;
  }
  throw broken(new Error("it is cut off"));
}

/** Infinity where the field makes no sense, or more than any archive holds. */
function sizeOf(header: Uint8Array): number {
  const field = header.subarray(SIZE_AT, SIZE_AT + SIZE_LENGTH);
  if ((field[0] ?? 0) & 0x80) return Infinity;
  const text = new TextDecoder("latin1").decode(field).replace(/[\0 ]+$/, "")
    .trimStart();
  return /^[0-7]*$/.test(text) ? parseInt(text || "0", 8) : Infinity;
}

async function readEntries(
  extract: tar.Extract,
  collector: Collector,
): Promise<void> {
  for await (const entry of extract) {
    const { name, type, size, pax } = entry.header;
    if (Object.keys(pax ?? {}).some((key) => key.startsWith(SPARSE))) {
      throw refuse(name, "it is a sparse file");
    }
    if (type === "directory") {
      collector.addFolder(name);
      entry.resume();
    } else if (type === "file" || type === "contiguous-file") {
      const put = collector.addFile(name);
      const content = Buffer.concat(await Array.fromAsync(bytesOf(entry)));
      if (content.length !== size) throw refuse(name, "it is cut off");
      put?.(content);
    } else {
      throw refuse(name, `it is a ${type ?? "thing of unknown kind"}`);
    }
  }
}

async function* bytesOf(
  stream: AsyncIterable<unknown>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

function broken(cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError("invalid", `Cannot unpack the archive: ${why}`, {
    hint: "Make it again, as with tar czf function.tar.gz -C my-function .",
    cause,
  });
}
