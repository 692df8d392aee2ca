/** Image contexts: files as a tar stream's bytes, always the same for the same files. */
import { Buffer } from "node:buffer";
import tar from "tar-stream";

/** Dates of files would make equal contexts differ. */
const EPOCH = new Date(0);

export async function packContext(
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Uint8Array> {
  const pack = tar.pack();
  const chunks: Uint8Array[] = [];
  pack.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    pack.on("end", resolve);
    pack.on("error", reject);
  });
  const names = Array.from(files.keys()).sort();
  for (const name of names) {
    const bytes = files.get(name) ?? new Uint8Array();
    pack.entry({ name, mode: 0o644, mtime: EPOCH }, Buffer.from(bytes));
  }
  pack.finalize();
  await ended;
  return Buffer.concat(chunks);
}
