/** Archives byte by byte, so that they can be wrong in every way. */
import { Buffer } from "node:buffer";
import { deflateRawSync, gzipSync } from "node:zlib";
import { crc32 } from "../../runtime/archive/crc32.ts";

const BLOCK = 512;

export interface TarEntry {
  name: string | Uint8Array;
  /** The type flag: `0` a file, `5` a folder, `2` a symbolic link … */
  type?: string;
  content?: string | Uint8Array;
  link?: string;
  /** What the header says, where that is not true. */
  size?: number;
  mode?: number;
  badChecksum?: boolean;
  /** The size field as it is, where no number will do. */
  rawSize?: string;
  /** Goes before the name (POSIX ustar). */
  prefix?: string;
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

/** One entry: header (POSIX ustar) and padded content. */
export function tarEntry(entry: TarEntry): Uint8Array {
  const content = bytesOf(entry.content ?? "");
  const header = Buffer.alloc(BLOCK);
  header.set(bytesOf(entry.name).subarray(0, 100), 0);
  header.write(`${(entry.mode ?? 0o644).toString(8).padStart(7, "0")}\0`, 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  const size = entry.size ?? content.length;
  header.write(
    entry.rawSize ?? `${size.toString(8).padStart(11, "0")}\0`,
    124,
    12,
    "latin1",
  );
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write(entry.type ?? "0", 156);
  header.write(entry.link ?? "", 157);
  header.write("ustar\x0000", 257);
  header.write(entry.prefix ?? "", 345);
  const sum = header.reduce((total, byte) => total + byte, 0) +
    (entry.badChecksum ? 1 : 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding]);
}

export function tar(entries: TarEntry[]): Uint8Array<ArrayBuffer> {
  const end = Buffer.alloc(2 * BLOCK);
  return new Uint8Array(Buffer.concat([...entries.map(tarEntry), end]));
}

export function tarGz(entries: TarEntry[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(tar(entries)));
}

/** A PAX header (POSIX.1-2001) for the next entry; of type `g` for all. */
export function pax(
  records: Record<string, string>,
  type: "x" | "g" = "x",
): TarEntry {
  const content = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const length = new TextEncoder().encode(rest).length;
    const digits = String(length + String(length).length).length;
    return `${length + digits}${rest}`;
  }).join("");
  return { name: "pax", type, content };
}

/** A GNU long name for the next entry. */
export function gnuLongName(name: string): TarEntry {
  return { name: "././@LongLink", type: "L", content: `${name}\0` };
}

export interface ZipEntry {
  name: string | Uint8Array;
  content?: string | Uint8Array;
  deflate?: boolean;
  /** st_mode, as made on Unix. */
  mode?: number;
  crc?: number;
  /** What the headers say, where that is not true. */
  size?: number;
  encrypted?: boolean;
  /** Of compression, where it is neither 0 nor 8. */
  method?: number;
  /** What the local header says, where that differs. */
  localName?: string;
  /** Where the directory looks for it, where that is not where it is. */
  at?: number;
  /** Only in the directory. */
  isListedOnly?: boolean;
}

export function zip(
  entries: ZipEntry[],
  { count = entries.length, comment = "" } = {},
): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = bytesOf(entry.name);
    const content = bytesOf(entry.content ?? "");
    const packed = entry.deflate ? deflateRawSync(content) : content;
    // Encrypted data begins with 12 bytes of its own (APPNOTE §6.1.3).
    const data = entry.encrypted
      ? Buffer.concat([Buffer.alloc(12), packed])
      : packed;
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE((entry.encrypted ? 1 : 0) | 0x800, 2);
    fixed.writeUInt16LE(entry.method ?? (entry.deflate ? 8 : 0), 4);
    fixed.writeUInt32LE(entry.crc ?? crc32(content), 10);
    fixed.writeUInt32LE(data.length, 14);
    fixed.writeUInt32LE(entry.size ?? content.length, 18);
    fixed.writeUInt16LE(name.length, 22);
    const localName = bytesOf(entry.localName ?? entry.name);
    const localFixed = Buffer.from(fixed);
    localFixed.writeUInt16LE(localName.length, 22);
    const local = entry.isListedOnly ? new Uint8Array() : Buffer.concat([
      Buffer.from("PK\x03\x04"),
      localFixed,
      localName,
      data,
    ]);
    const head = Buffer.alloc(6);
    head.write("PK\x01\x02", 0, "latin1");
    head.writeUInt16LE((3 << 8) | 20, 4);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(entry.at ?? offset, 10);
    centrals.push(Buffer.concat([head, fixed, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(count & 0xffff, 8);
  end.writeUInt16LE(count & 0xffff, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(
    Buffer.concat([...locals, directory, end, Buffer.from(comment)]),
  );
}
