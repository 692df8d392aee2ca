/** Files that are kept open, and written and read whole from their start. */

const encoder = new TextEncoder();
/** Most files fit, and cost one read. */
const scratch = new Uint8Array(64 * 1024);

export function createFile(path: string, mode: number, text = ""): Deno.FsFile {
  const file = Deno.openSync(path, {
    read: true,
    write: true,
    createNew: true,
  });
  try {
    Deno.chmodSync(path, mode);
    if (text) overwrite(file, encoder.encode(text));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

export function overwrite(file: Deno.FsFile, bytes: Uint8Array): void {
  file.seekSync(0, Deno.SeekMode.Start);
  let written = 0;
  while (written < bytes.length) {
    written += file.writeSync(bytes.subarray(written));
  }
}

/**
 * The file's beginning, and its whole size. The bytes hold until the next read.
 * A file is left where it starts, so that an empty one costs one call.
 */
export function readBounded(
  file: Deno.FsFile,
  maxBytes: number,
): { bytes: Uint8Array; size: number } {
  const count = file.readSync(scratch) ?? 0;
  if (count > 0) file.seekSync(0, Deno.SeekMode.Start);
  // A read that does not fill its buffer has met the end.
  if (count < scratch.length && count <= maxBytes) {
    return { bytes: scratch.subarray(0, count), size: count };
  }
  const { size } = file.statSync();
  return { bytes: readFrom(file, Math.min(size, maxBytes)), size };
}

function readFrom(file: Deno.FsFile, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let count = 0;
  while (count < size) {
    const more = file.readSync(bytes.subarray(count));
    if (more === null) break;
    count += more;
  }
  file.seekSync(0, Deno.SeekMode.Start);
  return bytes.subarray(0, count);
}
