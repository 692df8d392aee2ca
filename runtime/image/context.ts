/** Image contexts: files as a tar stream's bytes, always the same for the same files. */
import { Buffer } from "node:buffer";
import tar from "tar-stream";

/** Dates of files would make equal contexts differ. */
const EPOCH = new Date(0);

export async function packContext(
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Uint8Array> {
  const pack = tar.pack();
  const packed = collect(pack);
  const names = Array.from(files.keys()).sort();
  for (const name of names) {
    const bytes = files.get(name) ?? new Uint8Array();
    pack.entry({ name, mode: 0o644, mtime: EPOCH }, Buffer.from(bytes));
  }
  pack.finalize();
  return await packed;
}

async function collect(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
