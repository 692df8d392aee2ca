/**
 * Hostile archives: a row each. Where one is stopped is a column: the format's
 * reader, the meter that counts, the names' rules; or nowhere, for it harms
 * nobody, and then the row says what is read.
 */
import { deepStrictEqual, match, ok, rejects } from "node:assert";
import { Buffer } from "node:buffer";
import { deflateRawSync, gzipSync } from "node:zlib";
import { extract } from "../../runtime/archive/extract.ts";
import type { ArchiveLimits } from "../../runtime/archive/limits.ts";
import { AppError } from "../../src/contracts/error.ts";
import {
  gnuLongName,
  pax,
  tar,
  type TarEntry,
  tarEntry,
  tarGz,
  zip,
} from "../support/archives.ts";

const MB = 1024 * 1024;
const A = { name: "a.dart", content: "// a" };

interface Row {
  what: string;
  archive: () => Uint8Array;
  limits?: Partial<ArchiveLimits>;
}

interface Refused extends Row {
  by: "format" | "meter" | "names" | "kinds";
  code?: "invalid" | "too_large" | "unsupported";
  says: RegExp;
}

interface Harmless extends Row {
  /** The paths that are read. */
  reads: string[];
}

/** One name, in both formats. */
function named(name: string, says: RegExp): Refused[] {
  const shown = JSON.stringify(name.slice(0, 40));
  return [
    {
      what: `the name ${shown} in tar`,
      archive: () => tarGz([{ ...A, name }]),
    },
    { what: `the name ${shown} in zip`, archive: () => zip([{ ...A, name }]) },
  ].map((row) => ({ ...row, by: "names", says }));
}

function ofType(type: string, what: string): Refused {
  return {
    what,
    by: "kinds",
    archive: () => tarGz([A, { name: "x", type, link: "/etc/passwd" }]),
    says: /Cannot unpack the entry "x": it is a/,
  };
}

function ofMode(mode: number, what: string): Refused {
  return {
    what: `${what} in zip`,
    by: "kinds",
    archive: () => zip([{ name: "x", content: "/etc/passwd", mode }]),
    says: /entry "x": it is neither a file nor a folder/,
  };
}

/** Copies of one gzip member unpack one after another (RFC 1952 §2.2). */
function repeated(member: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array(times).fill(gzipSync(member)));
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const index = (at + bytes.length) % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes;
}

const ZEROS = { name: "zeros", content: new Uint8Array(30 * MB) };

const NAMES: Refused[] = [
  ...named("../a.dart", /leads outside/),
  ...named("lib/../../a.dart", /leads outside/),
  ...named("lib/..", /leads outside/),
  ...named("..", /leads outside/),
  ...named("./../a", /leads outside/),
  ...named("/etc/passwd", /is absolute/),
  ...named("//server/share", /is absolute/),
  ...named("..\\a.dart", /backslash/),
  ...named("\\\\server\\share", /backslash/),
  ...named("C:/a.dart", /names a drive/),
  ...named("c:a.dart", /names a drive/),
  ...named("a\nb.dart", /control characters/),
  ...named("\x1b[2Ja.dart", /control characters/),
  ...named("x".repeat(90) + "/../../a", /leads outside/),
  ...named("./", /a file needs a name|holds no file/),
  {
    what: "a NUL in a zip name",
    by: "names",
    archive: () => zip([{ ...A, name: "a\0.dart" }]),
    says: /control characters/,
  },
  {
    what: "a NUL in a PAX path",
    by: "names",
    archive: () => tarGz([pax({ path: "lib/\0/../a" }), A]),
    says: /control characters/,
  },
  {
    what: "a traversal in a PAX path",
    by: "names",
    archive: () => tarGz([pax({ path: "../../a" }), A]),
    says: /leads outside/,
  },
  {
    what: "an absolute PAX path",
    by: "names",
    archive: () => tarGz([pax({ path: "/etc/passwd" }), A]),
    says: /is absolute/,
  },
  {
    what: "a traversal in a PAX path for all entries",
    by: "names",
    archive: () => tarGz([pax({ path: "../../a" }, "g"), pax({ a: "b" }), A]),
    says: /leads outside/,
  },
  {
    what: "a traversal in a GNU long name",
    by: "names",
    archive: () => tarGz([gnuLongName(`${"x/".repeat(60)}../../../a`), A]),
    says: /leads outside/,
  },
  {
    what: "an absolute GNU long name",
    by: "names",
    archive: () => tarGz([gnuLongName(`/${"x/".repeat(60)}a`), A]),
    says: /is absolute/,
  },
  {
    what: "a traversal that ustar's prefix and name make together",
    by: "names",
    archive: () => tarGz([{ ...A, name: "a", prefix: "lib/.." }]),
    says: /leads outside/,
  },
  {
    what: "an absolute ustar prefix",
    by: "names",
    archive: () => tarGz([{ ...A, prefix: "/etc" }]),
    says: /is absolute/,
  },
  {
    what: "a dot in an overlong form of UTF-8",
    by: "names",
    archive: () =>
      tarGz([{ ...A, name: new Uint8Array([0xc0, 0xae, 0xc0, 0xae, 0x2f]) }]),
    says: /not UTF-8/,
  },
  {
    what: "a tar name that is not UTF-8",
    by: "names",
    archive: () => tarGz([{ ...A, name: new Uint8Array([0x61, 0xff]) }]),
    says: /not UTF-8/,
  },
  {
    what: "a zip name that is not UTF-8",
    by: "names",
    archive: () => zip([{ ...A, name: new Uint8Array([0x61, 0xff]) }]),
    says: /not UTF-8/,
  },
  {
    what: "a path that is too long",
    by: "names",
    archive: () => tarGz([pax({ path: "folder/".repeat(100) }), A]),
    says: /too long or too deep/,
  },
  {
    what: "a path that is too deep",
    by: "names",
    archive: () => zip([{ ...A, name: `${"a/".repeat(40)}b` }]),
    says: /too long or too deep/,
  },
  {
    what: "a zip name of 65,000 characters",
    by: "names",
    archive: () => zip([{ ...A, name: "a".repeat(65_000) }]),
    says: /too long or too deep/,
  },
  {
    what: "a PAX path of 3 MB",
    by: "names",
    archive: () => tar([pax({ path: "a".repeat(3 * MB) }), A]),
    says: /too long or too deep/,
  },
  {
    what: "a PAX path of 15 MB",
    by: "format",
    archive: () => tar([pax({ path: "a".repeat(15 * MB) }), A]),
    says: /Cannot unpack the archive: Header exceeds max size/,
  },
  {
    what: "a GNU long name of 100 MB",
    by: "meter",
    archive: () => tarGz([gnuLongName("a".repeat(100 * MB)), A]),
    code: "too_large",
    says: /packed more densely/,
  },
  {
    what: "a name twice",
    by: "names",
    archive: () => tarGz([A, A]),
    says: /has that name/,
  },
  {
    what: "a name twice, in two spellings",
    by: "names",
    archive: () => zip([{ ...A, name: "lib/a" }, { ...A, name: "lib//./a" }]),
    says: /has that name/,
  },
  {
    what: "names that differ in case alone",
    by: "names",
    archive: () => zip([A, { ...A, name: "A.dart" }]),
    says: /has that name/,
  },
  {
    what: "names that differ in Unicode form alone",
    by: "names",
    archive: () => zip([{ ...A, name: "\u00e9" }, { ...A, name: "e\u0301" }]),
    says: /has that name/,
  },
  {
    what: "a letter k and the sign for kelvin",
    by: "names",
    archive: () => zip([{ ...A, name: "k" }, { ...A, name: "\u212a" }]),
    says: /has that name/,
  },
  {
    what: "a file where a folder is needed",
    by: "names",
    archive: () => tarGz([{ ...A, name: "x" }, { ...A, name: "X/a" }]),
    says: /a file is where it needs a folder/,
  },
  {
    what: "a folder's name for a file",
    by: "names",
    archive: () => tarGz([{ ...A, name: "x/a" }, { ...A, name: "x" }]),
    says: /has that name/,
  },
];

const KINDS: Refused[] = [
  ofType("1", "a hard link"),
  ofType("2", "a symbolic link"),
  ofType("3", "a character device"),
  ofType("4", "a block device"),
  ofType("6", "a FIFO"),
  ofType("S", "a sparse file of GNU"),
  ofType("D", "a folder's list of GNU"),
  ofType("M", "a piece of a file on another volume"),
  ofType("V", "a volume's name"),
  ofType("Z", "a thing of unknown kind"),
  ofMode(0o120777, "a symbolic link"),
  ofMode(0o010644, "a FIFO"),
  ofMode(0o020644, "a character device"),
  ofMode(0o060644, "a block device"),
  ofMode(0o140644, "a socket"),
  {
    what: "a sparse file of PAX, whose holes would be data",
    by: "kinds",
    archive: () =>
      tarGz([
        pax({
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.name": "a.dart",
          "GNU.sparse.realsize": "1000000000000",
        }),
        { ...A, name: "GNUSparseFile.0/a.dart" },
      ]),
    says: /it is a sparse file/,
  },
  {
    what: "a symbolic link whose folder a later entry uses",
    by: "kinds",
    archive: () =>
      tarGz([{ name: "x", type: "2", link: "/etc" }, { ...A, name: "x/a" }]),
    says: /entry "x"/,
  },
  {
    what: "a symbolic link that a later file takes the place of",
    by: "kinds",
    archive: () =>
      tarGz([{ name: "x", type: "2", link: "/etc/passwd" }, {
        ...A,
        name: "x",
      }]),
    says: /entry "x"/,
  },
  {
    what: "a hard link to an earlier entry",
    by: "kinds",
    archive: () => tarGz([A, { name: "x", type: "1", link: "a.dart" }]),
    says: /entry "x"/,
  },
  {
    what: "a symbolic link with a long target of PAX",
    by: "kinds",
    archive: () =>
      tarGz([pax({ linkpath: "../".repeat(100) }), { name: "x", type: "2" }]),
    says: /entry "x"/,
  },
  {
    what: "an encrypted zip",
    by: "kinds",
    archive: () => zip([{ ...A, encrypted: true }]),
    says: /is encrypted/,
  },
];

const BOMBS: Refused[] = [
  {
    what: "a gzip of half a gigabyte of zeros",
    by: "meter",
    archive: () =>
      Buffer.concat([
        gzipSync(tarEntry({ name: "zeros", size: 512 * MB })),
        repeated(new Uint8Array(MB), 512),
      ]),
    code: "too_large",
    says: /packed more densely|unpacks to more/,
  },
  {
    what: "a deflated file of zeros in zip",
    by: "meter",
    archive: () => zip([{ ...ZEROS, deflate: true }]),
    code: "too_large",
    says: /packed more densely/,
  },
  {
    what: "many deflated files of zeros in zip",
    by: "meter",
    archive: () =>
      zip(Array.from({ length: 40 }, (_, n) => ({
        name: `f${n}`,
        content: new Uint8Array(300_000),
        deflate: true,
      }))),
    code: "too_large",
    says: /packed more densely/,
  },
  {
    what: "a zip whose entries share the bytes of one",
    by: "format",
    archive: () => {
      const content = new Uint8Array(100_000);
      return zip([
        { name: "f0", content, deflate: true },
        ...Array.from({ length: 200 }, (_, n) => ({
          name: `f${n + 1}`,
          content,
          deflate: true,
          at: 0,
          isListedOnly: true,
        })),
      ]);
    },
    says: /its bytes are another entry's too/,
  },
  {
    what: "a zip whose entry holds the local header of the next",
    by: "format",
    archive: () => {
      const inner = zip([{ name: "b", content: "kernel" }]).subarray(0, 37);
      return zip([
        { name: "a", content: inner },
        { name: "b", content: "kernel", at: 31, isListedOnly: true },
      ]);
    },
    says: /its bytes are another entry's too/,
  },
  {
    what: "a million entries in tar",
    by: "meter",
    archive: () =>
      repeated(
        Buffer.concat(Array(1_000).fill(tarEntry({ name: "f", type: "5" }))),
        1_000,
      ),
    code: "too_large",
    says: /more entries|unpacks to more|packed more densely/,
  },
  {
    what: "5,001 files in tar",
    by: "meter",
    archive: () =>
      tar(Array.from({ length: 5_001 }, (_, n) => ({ name: `f${n}` }))),
    code: "too_large",
    says: /more entries than allowed \(5000\)/,
  },
  {
    what: "5,001 files of noise in tar",
    by: "meter",
    archive: () =>
      tar(Array.from({ length: 5_001 }, (_, n) => ({ name: `.git/f${n}` }))),
    code: "too_large",
    says: /more entries than allowed/,
  },
  {
    what: "5,001 folders in zip",
    by: "meter",
    archive: () =>
      zip(Array.from({ length: 5_001 }, (_, n) => ({ name: `f${n}/` }))),
    code: "too_large",
    says: /more entries than allowed/,
  },
  {
    what: "300,000 entries that a zip lists and does not hold",
    by: "meter",
    archive: () => {
      const one = zip([{ name: "f/" }]);
      const central = one.subarray(32, 32 + 48);
      const end = Buffer.alloc(22);
      end.write("PK\x05\x06", 0, "latin1");
      end.writeUInt16LE(0xfff0, 8);
      end.writeUInt16LE(0xfff0, 10);
      end.writeUInt32LE(central.length * 300_000, 12);
      end.writeUInt32LE(32, 16);
      return Buffer.concat([
        one.subarray(0, 32),
        ...Array(300_000).fill(central),
        end,
      ]);
    },
    code: "too_large",
    says: /more entries than allowed/,
  },
  {
    what: "a zip that claims entries it does not have",
    by: "format",
    archive: () => zip([A], { count: 60_000 }),
    says: /Cannot unpack the archive/,
  },
  {
    what: "more bytes than allowed",
    by: "meter",
    archive: () => tar([{ name: "a", content: "x".repeat(2_000) }]),
    limits: { unpackedBytes: 1_000 },
    code: "too_large",
    says: /unpacks to more than allowed \(1000 bytes\)/,
  },
  {
    what: "an archive larger than allowed",
    by: "meter",
    archive: () => tar([A]),
    limits: { archiveBytes: 1_000 },
    code: "too_large",
    says: /archive is larger than allowed/,
  },
  {
    what: "a tar entry of 8 TB in base 256",
    by: "format",
    archive: () =>
      tar([{
        ...A,
        rawSize: "\x80\0\0\0\0\0\x08\0\0\0\0\0",
      }]),
    says: /Cannot unpack/,
  },
  {
    what: "a PAX size of 8 TB",
    by: "format",
    archive: () => tar([pax({ size: "8796093022208" }), A]),
    says: /Cannot unpack/,
  },
  {
    what: "a PAX size that is no number",
    by: "format",
    archive: () => tar([pax({ size: "-1" }), A]),
    says: /Cannot unpack/,
  },
  {
    what: "a PAX header that claims 4 GB",
    by: "format",
    archive: () => tar([{ ...pax({ path: "x" }), size: 0o40000000000 - 1 }, A]),
    says: /Cannot unpack/,
  },
];

const BROKEN: Refused[] = [
  {
    what: "a tar without its end",
    by: "format",
    archive: () => gzipSync(tarEntry(A)),
    says: /cut off/,
  },
  {
    what: "a tar cut off after an entry of zeros",
    by: "format",
    archive: () => tarEntry({ name: "z", content: new Uint8Array(4_096) }),
    says: /cut off/,
  },
  {
    what: "a gzip with a wrong checksum",
    by: "format",
    archive: () => flipped(tarGz([A]), -6),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a gzip with a wrong length",
    by: "format",
    archive: () => flipped(tarGz([A]), -1),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a gzip of an unknown method",
    by: "format",
    archive: () => flipped(tarGz([A]), 2),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a second gzip member that is cut off",
    by: "format",
    archive: () => Buffer.concat([tarGz([A]), tarGz([A]).subarray(0, 40)]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a second gzip member that is broken",
    by: "format",
    archive: () => Buffer.concat([tarGz([A]), flipped(tarGz([A]), -6)]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "garbage after the gzip",
    by: "format",
    archive: () => Buffer.concat([tarGz([A]), Buffer.from("garbage")]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a second tar that overrides a file of the first",
    by: "names",
    archive: () =>
      Buffer.concat([tarGz([A]), tarGz([{ ...A, content: "// other" }])]),
    says: /has that name/,
  },
  {
    what: "a tar with a wrong checksum",
    by: "format",
    archive: () => tarGz([{ ...A, badChecksum: true }]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a tar whose second header has a wrong checksum",
    by: "format",
    archive: () => tarGz([A, { ...A, name: "b", badChecksum: true }]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a tar entry that claims more than there is",
    by: "format",
    archive: () => tarGz([{ ...A, size: 100_000 }]),
    says: /Cannot unpack/,
  },
  {
    what: "a tar entry that claims less than there is",
    by: "format",
    archive: () => tarGz([{ ...A, content: "x".repeat(2_000), size: 1 }]),
    says: /Cannot unpack/,
  },
  {
    what: "garbage between the entries of a tar",
    by: "format",
    archive: () =>
      Buffer.concat([tarEntry(A), Buffer.alloc(512, 0x41), tar([A])]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a zip with a wrong checksum",
    by: "format",
    archive: () => zip([{ ...A, crc: 1 }]),
    says: /checksum is wrong/,
  },
  {
    what: "a zip that says a file is shorter than it is",
    by: "format",
    archive: () => zip([{ ...A, deflate: true, size: 1 }]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a zip that says a file is longer than it is",
    by: "format",
    archive: () => zip([{ ...A, deflate: true, size: 4_000_000_000 }]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a zip of an unknown compression",
    by: "format",
    archive: () => zip([{ ...A, method: 99 }]),
    says: /unsupported compression method/,
  },
  {
    what: "a zip of broken deflate data",
    by: "format",
    archive: () => zip([{ ...A, content: "\xff".repeat(64), method: 8 }]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a zip whose directory points behind its end",
    by: "format",
    archive: () => zip([{ ...A, at: 0x7fffffff }]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a zip whose directory points at no header",
    by: "format",
    archive: () => zip([{ ...A, at: 7 }]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "bytes after a zip",
    by: "format",
    archive: () => Buffer.concat([zip([A]), Buffer.from("more")]),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a tar of nothing",
    by: "format",
    archive: () => tarGz([]),
    says: /holds no file/,
  },
  {
    what: "a zip of nothing",
    by: "format",
    archive: () => zip([]),
    says: /holds no file/,
  },
  {
    what: "folders alone",
    by: "format",
    archive: () => tarGz([{ name: "x/", type: "5" }]),
    says: /holds no file/,
  },
  {
    what: "no bytes",
    by: "format",
    archive: () => new Uint8Array(),
    code: "unsupported",
    says: /neither tar.gz nor zip/,
  },
  {
    what: "text",
    by: "format",
    archive: () => new TextEncoder().encode("hello".repeat(200)),
    code: "unsupported",
    says: /neither tar.gz nor zip/,
  },
  {
    what: "another compression",
    by: "format",
    archive: () => new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    code: "unsupported",
    says: /neither tar.gz nor zip/,
  },
  {
    what: "a program that unpacks itself",
    by: "format",
    archive: () => Buffer.concat([Buffer.from("MZ".repeat(400)), zip([A])]),
    code: "unsupported",
    says: /neither tar.gz nor zip/,
  },
  {
    what: "a gzip of something else",
    by: "format",
    archive: () => gzipSync(new TextEncoder().encode("hello".repeat(500))),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a gzip of a gzip of a tar",
    by: "format",
    archive: () => gzipSync(tarGz([A])),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a gzip of a zip",
    by: "format",
    archive: () => gzipSync(zip([A])),
    says: /Cannot unpack the archive/,
  },
  {
    what: "a raw deflate stream",
    by: "format",
    archive: () => deflateRawSync(tar([A])),
    code: "unsupported",
    says: /neither tar.gz nor zip/,
  },
];

const HARMLESS: Harmless[] = [
  {
    what: "percent-encoded traversal: nobody decodes it",
    archive: () => tarGz([{ ...A, name: "%2e%2e/%2fa" }]),
    reads: ["%2e%2e/%2fa"],
  },
  {
    what: "dots of full width, and more dots than two",
    archive: () =>
      zip([{ ...A, name: "\uff0e\uff0e/a" }, { ...A, name: ".../a" }]),
    reads: ["\uff0e\uff0e/a", ".../a"],
  },
  {
    what: "files named like ours, which lie in a folder of their own",
    archive: () =>
      tarGz([
        { ...A, name: "main.dart" },
        { ...A, name: ".env.config" },
        { ...A, name: "Dockerfile" },
        { ...A, name: ".dockerignore" },
        { ...A, name: "package_config.json" },
        { ...A, name: "function.dill" },
        { ...A, name: "packages/dart_cloud_function/lib/run.dart" },
      ]),
    reads: [
      "main.dart",
      ".env.config",
      "Dockerfile",
      ".dockerignore",
      "package_config.json",
      "function.dill",
      "packages/dart_cloud_function/lib/run.dart",
    ],
  },
  {
    what: "setuid, setgid and sticky bits, which are dropped",
    archive: () => tarGz([{ ...A, mode: 0o7755 }]),
    reads: ["a.dart"],
  },
  {
    what: "setuid bits in zip, which are dropped",
    archive: () => zip([{ ...A, mode: 0o104755 }]),
    reads: ["a.dart"],
  },
  {
    what: "an archive in an archive, which stays a file",
    archive: () => zip([{ name: "b.zip", content: zip([A]) }]),
    reads: ["b.zip"],
  },
  {
    what: "an entry in two gzip members",
    archive: () =>
      Buffer.concat([
        gzipSync(tarEntry(A)),
        gzipSync(Buffer.alloc(1024)),
      ]),
    reads: ["a.dart"],
  },
  {
    what: "an empty gzip member after the first",
    archive: () => Buffer.concat([tarGz([A]), gzipSync(new Uint8Array())]),
    reads: ["a.dart"],
  },
  {
    what: "a local name in zip that says something else",
    archive: () => zip([{ ...A, localName: "../../etc/passwd" }]),
    reads: ["a.dart"],
  },
  {
    what: "a comment in zip",
    archive: () => zip([A], { comment: "../../etc/passwd" }),
    reads: ["a.dart"],
  },
  {
    what: "a PAX record named __proto__",
    archive: () => tarGz([pax({ "__proto__": "x", constructor: "y" }), A]),
    reads: ["a.dart"],
  },
  {
    what: "a file named __proto__",
    archive: () => tarGz([{ ...A, name: "__proto__" }]),
    reads: ["__proto__"],
  },
];

for (
  const { what, archive, by, code = "invalid", says, limits } of [
    ...NAMES,
    ...KINDS,
    ...BOMBS,
    ...BROKEN,
  ]
) {
  Deno.test(`extract() refuses, by its ${by}, ${what}`, async () => {
    await rejects(extract(archive(), limits), (error: unknown) => {
      ok(error instanceof AppError, String(error));
      match(error.message, says);
      deepStrictEqual(error.code, code);
      ok(error.hint);
      ok(error.message.length < 300);
      return true;
    });
  });
}

for (const { what, archive, reads, limits } of HARMLESS) {
  Deno.test(`extract() reads ${what}`, async () => {
    const tree = await extract(archive(), limits);
    deepStrictEqual(Array.from(tree.keys()), reads);
  });
}

const WHOLE: TarEntry[] = [
  A,
  { name: "zeros", content: new Uint8Array(2_048) },
  { name: "lib/", type: "5" },
  pax({ path: "lib/long" }),
  { ...A, name: "b" },
];

async function refuses(bytes: Uint8Array, at: number): Promise<void> {
  await rejects(extract(bytes), (error: unknown) => {
    ok(error instanceof AppError, `at ${at}: ${error}`);
    ok(["invalid", "unsupported"].includes(error.code), `at ${at}`);
    return true;
  }, `at ${at}`);
}

Deno.test("extract() refuses a tar that is cut off, at every block", async () => {
  const whole = tar(WHOLE);
  ok((await extract(whole)).size === 3);
  // Of the two blocks that end it, one suffices.
  for (let at = 0; at <= whole.length - 1_024; at += 512) {
    await refuses(whole.subarray(0, at), at);
  }
});

Deno.test("extract() refuses a tar.gz that is cut off, at every byte", async () => {
  const whole = tarGz(WHOLE);
  for (let at = 0; at < whole.length; at++) {
    await refuses(whole.subarray(0, at), at);
  }
});

Deno.test("extract() refuses a zip that is cut off, at every byte", async () => {
  const whole = zip([A, { ...A, name: "b", deflate: true }]);
  for (let at = 0; at < whole.length; at++) {
    await refuses(whole.subarray(0, at), at);
  }
});
