import { deepStrictEqual, match, ok, rejects } from "node:assert";
import { Buffer } from "node:buffer";
import { createGzip, gzipSync } from "node:zlib";
import { AppError } from "../../../src/contracts/error.ts";
import { extract } from "../../../runtime/archive/extract.ts";
import type { ArchiveLimits } from "../../../runtime/archive/limits.ts";
import fc from "fast-check";
import {
  gnuLongName,
  pax,
  tar,
  tarEntry,
  tarGz,
  zip,
} from "../../support/archives.ts";

type Archive = Uint8Array | Promise<Uint8Array>;

const A = { name: "a.dart", content: "// a" };
const LONG = `${"folder/".repeat(20)}a.dart`;

const GOOD: [what: string, archive: Archive, paths: string[]][] = [
  ["a tar.gz", tarGz([A]), ["a.dart"]],
  ["a plain tar", tar([A]), ["a.dart"]],
  ["a stored zip", zip([A]), ["a.dart"]],
  ["a deflated zip", zip([{ ...A, deflate: true }]), ["a.dart"]],
  [
    "a folder on top, and empty folders",
    tarGz([
      { name: "top/", type: "5" },
      { name: "top/empty/", type: "5" },
      { ...A, name: "top/lib/a.dart" },
    ]),
    ["top/lib/a.dart"],
  ],
  [
    "names that begin with ./",
    tarGz([{ name: "./", type: "5" }, {
      ...A,
      name: "./a.dart",
    }]),
    ["a.dart"],
  ],
  ["a PAX name", tarGz([pax({ path: LONG }), { ...A, name: "x" }]), [LONG]],
  ["a GNU long name", tarGz([gnuLongName(LONG), { ...A, name: "x" }]), [LONG]],
  ["names beyond ASCII", zip([{ ...A, name: "lib/ü.dart" }]), ["lib/ü.dart"]],
  ["percent signs, which mean nothing", tarGz([{ ...A, name: "%2e%2e/a" }]), [
    "%2e%2e/a",
  ]],
  [
    "files named like ours",
    tarGz([
      { ...A, name: "main.dart" },
      { ...A, name: ".env.config" },
      { ...A, name: "Dockerfile" },
      { ...A, name: "package_config.json" },
    ]),
    ["main.dart", ".env.config", "Dockerfile", "package_config.json"],
  ],
  ["setuid bits, which are dropped", tarGz([{ ...A, mode: 0o6755 }]), [
    "a.dart",
  ]],
  [
    "two gzip members",
    Buffer.concat([
      gzipSync(tarEntry(A)),
      gzipSync(Buffer.alloc(1024)),
    ]),
    ["a.dart"],
  ],
  [
    "noise, which is left out",
    zip([
      A,
      { name: ".git/config", content: "x" },
      { name: "__MACOSX/._a", content: "x" },
      { name: "lib/.DS_Store", content: "x" },
      { name: "lib/._a.dart", content: "x" },
      { name: ".dart_tool/x", content: "x" },
    ]),
    ["a.dart"],
  ],
];

for (const [what, archive, paths] of GOOD) {
  Deno.test(`extract() reads ${what}`, async () => {
    const tree = await extract(await archive);
    deepStrictEqual(Array.from(tree.keys()), paths);
    deepStrictEqual(
      new TextDecoder().decode(tree.get(paths[0] ?? "")),
      "// a",
    );
  });
}

interface Hostile {
  it: string;
  archive: () => Archive;
  code?: string;
  text: RegExp;
  limits?: Partial<ArchiveLimits>;
}

function named(name: string, text: RegExp): Hostile[] {
  return [
    {
      it: `tar name ${JSON.stringify(name)}`,
      archive: () => tarGz([{ ...A, name }]),
      text,
    },
    {
      it: `zip name ${JSON.stringify(name)}`,
      archive: () => zip([{ ...A, name }]),
      text,
    },
  ];
}

function ofType(type: string, what: string): Hostile {
  return {
    it: `a ${what}`,
    archive: () => tarGz([A, { name: "x", type, link: "/etc/passwd" }]),
    text: /entry "x": it is a/,
  };
}

/** Gigabytes of zeros, compressed piece by piece. */
async function gzipBomb(megabytes: number): Promise<Uint8Array> {
  const gzip = createGzip({ level: 9 });
  const chunks: Uint8Array[] = [];
  gzip.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise((resolve) => gzip.on("end", resolve));
  gzip.write(tarEntry({ name: "zeros", size: megabytes * 1024 * 1024 }));
  const zeros = Buffer.alloc(1024 * 1024);
  for (let count = 0; count < megabytes; count++) {
    if (!gzip.write(zeros)) {
      await new Promise((resolve) => gzip.once("drain", resolve));
    }
  }
  gzip.end();
  await ended;
  return Buffer.concat(chunks);
}

const HOSTILE: Hostile[] = [
  ...named("../a.dart", /leads outside/),
  ...named("lib/../../a.dart", /leads outside/),
  ...named("lib/..", /leads outside/),
  ...named("/etc/passwd", /is absolute/),
  ...named("..\\a.dart", /backslash/),
  ...named("C:/a.dart", /names a drive/),
  ...named("a\nb.dart", /control characters/),
  ...named("x".repeat(90) + "/../../a", /leads outside/),
  {
    it: "a name with a NUL in zip",
    archive: () => zip([{ ...A, name: "a\0.dart" }]),
    text: /control characters/,
  },
  {
    it: "a traversal in a PAX path",
    archive: () => tarGz([pax({ path: "../../a" }), A]),
    text: /leads outside/,
  },
  {
    it: "a traversal in a GNU long name",
    archive: () => tarGz([gnuLongName(`${"x/".repeat(60)}../../../a`), A]),
    text: /leads outside/,
  },
  {
    it: "a name that is not UTF-8 in tar",
    archive: () => tarGz([{ ...A, name: new Uint8Array([0x61, 0xff]) }]),
    text: /not UTF-8/,
  },
  {
    it: "a name that is not UTF-8 in zip",
    archive: () => zip([{ ...A, name: new Uint8Array([0x61, 0xff]) }]),
    text: /not UTF-8/,
  },
  {
    it: "a path that is too long",
    archive: () => tarGz([pax({ path: "folder/".repeat(100) }), A]),
    text: /too long or too deep/,
  },
  {
    it: "a path that is too deep",
    archive: () => zip([{ ...A, name: `${"a/".repeat(40)}b` }]),
    text: /too long or too deep/,
  },
  ofType("1", "hard link"),
  ofType("2", "symbolic link"),
  ofType("3", "character device"),
  ofType("4", "block device"),
  ofType("6", "FIFO"),
  ofType("S", "sparse file"),
  ofType("Z", "thing of unknown kind"),
  {
    it: "a symbolic link in zip",
    archive: () => zip([{ name: "x", content: "/etc/passwd", mode: 0o120777 }]),
    text: /neither a file nor a folder/,
  },
  {
    it: "a link whose folder a later entry uses",
    archive: () =>
      tarGz([{ name: "x", type: "2", link: "/etc" }, { ...A, name: "x/a" }]),
    text: /entry "x"/,
  },
  {
    it: "a name twice",
    archive: () => tarGz([A, A]),
    text: /has that name/,
  },
  {
    it: "names that differ in case alone",
    archive: () => zip([A, { ...A, name: "A.dart" }]),
    text: /has that name/,
  },
  {
    it: "names that differ in Unicode form alone",
    archive: () => zip([{ ...A, name: "\u00e9" }, { ...A, name: "e\u0301" }]),
    text: /has that name/,
  },
  {
    it: "a file where a folder is needed",
    archive: () => tarGz([{ ...A, name: "x" }, { ...A, name: "x/a" }]),
    text: /a file is where it needs a folder/,
  },
  {
    it: "a folder's name for a file",
    archive: () => tarGz([{ ...A, name: "x/a" }, { ...A, name: "x" }]),
    text: /has that name/,
  },
  {
    it: "a tar that is cut off",
    archive: () => tar([A]).subarray(0, 700),
    text: /cut off/,
  },
  {
    it: "a tar without its end",
    archive: () => gzipSync(tarEntry(A)),
    text: /cut off/,
  },
  {
    it: "a gzip that is cut off",
    archive: () => tarGz([A]).subarray(0, 60),
    text: /Cannot unpack the archive/,
  },
  {
    it: "a gzip with a wrong checksum",
    archive: () => {
      const bytes = tarGz([A]);
      bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 1;
      return bytes;
    },
    text: /Cannot unpack the archive/,
  },
  {
    it: "a tar with a wrong checksum",
    archive: () => tarGz([{ ...A, badChecksum: true }]),
    text: /Cannot unpack the archive/,
  },
  {
    it: "a tar entry that claims more than there is",
    archive: () => tarGz([{ ...A, size: 100_000 }]),
    text: /Cannot unpack/,
  },
  {
    it: "a zip with a wrong checksum",
    archive: () => zip([{ ...A, crc: 1 }]),
    text: /checksum is wrong/,
  },
  {
    it: "a zip that lies about a size",
    archive: () => zip([{ ...A, deflate: true, size: 1 }]),
    text: /Cannot unpack the archive/,
  },
  {
    it: "an encrypted zip",
    archive: () => zip([{ ...A, encrypted: true }]),
    text: /is encrypted/,
  },
  {
    it: "a zip that is cut off",
    archive: () => zip([A]).subarray(0, 50),
    text: /Cannot unpack the archive/,
  },
  {
    it: "a gzip bomb",
    archive: () => gzipBomb(512),
    code: "too_large",
    text: /packed more densely|unpacks to more/,
  },
  {
    it: "a zip bomb",
    archive: () =>
      zip([{
        name: "zeros",
        content: new Uint8Array(30_000_000),
        deflate: true,
      }]),
    code: "too_large",
    text: /packed more densely/,
  },
  {
    it: "too many entries in tar",
    archive: () =>
      tarGz(Array.from({ length: 5_001 }, (_, n) => ({ name: `f${n}` }))),
    code: "too_large",
    text: /more entries/,
  },
  {
    it: "too many entries in zip",
    archive: () =>
      zip(Array.from({ length: 5_001 }, (_, n) => ({ name: `f${n}/` }))),
    code: "too_large",
    text: /more entries/,
  },
  {
    it: "more bytes than allowed",
    archive: () => tar([{ name: "a", content: "x".repeat(2_000) }]),
    limits: { unpackedBytes: 1_000 },
    code: "too_large",
    text: /unpacks to more than allowed \(1000 bytes\)/,
  },
  {
    it: "an archive larger than allowed",
    archive: () => tar([A]),
    limits: { archiveBytes: 1_000 },
    code: "too_large",
    text: /archive is larger than allowed/,
  },
  { it: "a tar of nothing", archive: () => tarGz([]), text: /holds no file/ },
  { it: "a zip of nothing", archive: () => zip([]), text: /holds no file/ },
  {
    it: "folders alone",
    archive: () => tarGz([{ name: "x/", type: "5" }]),
    text: /holds no file/,
  },
  {
    it: "no bytes",
    archive: () => new Uint8Array(),
    code: "unsupported",
    text: /neither tar.gz nor zip/,
  },
  {
    it: "text",
    archive: () => new TextEncoder().encode("hello".repeat(200)),
    code: "unsupported",
    text: /neither tar.gz nor zip/,
  },
  {
    it: "another compression",
    archive: () => new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    code: "unsupported",
    text: /neither tar.gz nor zip/,
  },
  {
    it: "a gzip of something else",
    archive: () => gzipSync(new TextEncoder().encode("hello".repeat(500))),
    text: /Cannot unpack the archive/,
  },
];

for (const { it, archive, code = "invalid", text, limits } of HOSTILE) {
  Deno.test(`extract() refuses ${it}`, async () => {
    await rejects(extract(await archive(), limits), (error: unknown) => {
      ok(error instanceof AppError, String(error));
      match(error.message, text);
      deepStrictEqual(error.code, code);
      ok(error.hint);
      return true;
    });
  });
}

Deno.test("extract() meets mutations of good archives with nothing but AppError", async () => {
  const seeds = await Promise.all(GOOD.map(([, archive]) => archive));
  const mutation = fc.record({
    at: fc.nat(5_000),
    byte: fc.nat(255),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(mutation, { minLength: 1, maxLength: 8 }),
      fc.nat(5_000),
      async (seed, mutations, cut) => {
        const bytes = new Uint8Array(seed);
        for (const { at, byte } of mutations) bytes[at % bytes.length] = byte;
        const mutated = cut % 3 === 0
          ? bytes.subarray(0, cut % bytes.length)
          : bytes;
        try {
          await extract(mutated);
        } catch (error) {
          ok(error instanceof AppError, String(error));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
