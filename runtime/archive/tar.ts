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

/** An archive ends with zeros; one that was cut off does not. */
function checkEnd(plain: Uint8Array): void {
  const last = plain.subarray(-BLOCK);
  if (plain.length % BLOCK !== 0 || last.some((byte) => byte !== 0)) {
    throw broken(new Error("it is cut off"));
  }
}

async function readEntries(
  extract: tar.Extract,
  collector: Collector,
): Promise<void> {
  for await (const entry of extract) {
    const { name, type, size } = entry.header;
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
