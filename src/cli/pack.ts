/** A project directory to an archive: the same bytes for the same files. */
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import tar from "tar-stream";
import { AppError } from "../contracts/error.ts";
import { readIgnore } from "./ignore.ts";

const MAX_BYTES = 20 * 1024 * 1024;
/** Dates of files would make equal projects differ. */
const EPOCH = new Date(0);

export interface Packed {
  bytes: Uint8Array<ArrayBuffer>;
  files: number;
  /** What is neither a file nor a folder, and was left out. */
  skipped: string[];
}

/** @throws {AppError} `not_found`, `too_large` */
export async function packDirectory(directory: string): Promise<Packed> {
  const isIgnored = await readIgnore(directory);
  const paths: string[] = [];
  const skipped: string[] = [];
  await walk("");
  async function walk(prefix: string): Promise<void> {
    for await (const entry of entriesOf(directory, prefix)) {
      const path = `${prefix}${entry.name}`;
      if (isIgnored(path, entry.isDirectory)) continue;
      if (entry.isDirectory) await walk(`${path}/`);
      else if (entry.isFile) paths.push(path);
      else skipped.push(path);
    }
  }

  const pack = tar.pack();
  const packed = collect(pack);
  let size = 0;
  for (const path of paths.sort()) {
    const bytes = await Deno.readFile(`${directory}/${path}`);
    size += bytes.length;
    if (size > 5 * MAX_BYTES) throw tooLarge(directory, size);
    pack.entry({ name: path, mode: 0o644, mtime: EPOCH }, Buffer.from(bytes));
  }
  pack.finalize();
  const bytes = new Uint8Array(gzipSync(await packed, { level: 9 }));
  // Which system packed it is of no interest (RFC 1952, OS).
  bytes[9] = 255;
  if (bytes.length > MAX_BYTES) throw tooLarge(directory, bytes.length);
  return { bytes, files: paths.length, skipped };
}

async function* entriesOf(
  directory: string,
  prefix: string,
): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(`${directory}/${prefix}`);
  } catch (cause) {
    throw new AppError("not_found", `Cannot read the folder "${directory}"`, {
      hint: "Name the folder of the function, or an archive of it",
      cause,
    });
  }
}

async function collect(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(directory: string, bytes: number): AppError {
  return new AppError(
    "too_large",
    `Cannot pack "${directory}": it has ${bytes} bytes`,
    {
      hint:
        `At most ${MAX_BYTES} bytes are allowed; leave files out with .ocheignore`,
    },
  );
}
