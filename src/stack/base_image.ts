/** The root file system that every function's image starts from, as a reproducible tar. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";

/** The user that functions run as inside the image. */
export const FUNCTION_USER = 65532;

export interface BaseImageParts {
  /** The Dart VM. */
  vm: string;
  vmLicence: string;
  /** Host files by their absolute path, at which they stay. */
  libraries: readonly string[];
  /** Debian's version of the libraries' package; undefined elsewhere. */
  libraryVersion: string | undefined;
}

type Entry =
  | { name: string; type: "directory"; mode: number }
  | { name: string; type: "file"; mode: number; bytes: Uint8Array };

/** Dates would make equal images differ. */
const EPOCH = new Date(0);
const LIBC_COPYRIGHT = "/usr/share/doc/libc6/copyright";
const LGPL = "/usr/share/common-licenses/LGPL-2.1";

/** Writes the tar, whole or not at all. @returns its SHA-256 in hexadecimal */
export async function writeBaseImage(
  parts: BaseImageParts,
  target: string,
): Promise<string> {
  const entries = await collect(parts);
  const draft = `${target}.${crypto.randomUUID()}`;
  const pack = tar.pack();
  const hash = createHash("sha256");
  try {
    const written = pipeline(
      pack,
      async function* (chunks: AsyncIterable<unknown>) {
        for await (const chunk of chunks) {
          if (chunk instanceof Uint8Array) hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(draft),
    );
    for (const entry of entries) {
      const header = { name: entry.name, mode: entry.mode, mtime: EPOCH };
      if (entry.type === "directory") {
        pack.entry({ ...header, type: "directory" });
      } else pack.entry(header, Buffer.from(entry.bytes));
    }
    pack.finalize();
    await written;
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
  return hash.digest("hex");
}

/** Every file and the folders above them, parents first. */
async function collect(parts: BaseImageParts): Promise<Entry[]> {
  const copied: [name: string, source: string, mode: number][] = [
    ["usr/bin/dart", parts.vm, 0o755],
    ["usr/share/doc/dart/LICENSE", parts.vmLicence, 0o644],
    ...parts.libraries.map((path): [string, string, number] => [
      path.slice(1),
      path,
      0o755,
    ]),
  ];
  const files: Entry[] = [];
  for (const [name, source, mode] of copied) {
    files.push({ name, type: "file", mode, bytes: await readFile(source) });
  }
  const libc = parts.libraryVersion ?? "of unknown version";
  const texts: [name: string, text: string][] = [
    [
      "etc/passwd",
      `root:x:0:0:root:/:/none\nfunction:x:${FUNCTION_USER}:${FUNCTION_USER}:function:/app:/none\n`,
    ],
    ["etc/group", `root:x:0:\nfunction:x:${FUNCTION_USER}:\n`],
    ["usr/share/doc/libc6/copyright", await textOf(LIBC_COPYRIGHT)],
    ["usr/share/doc/libc6/LGPL-2.1", await textOf(LGPL)],
    [
      "usr/share/doc/libc6/SOURCE",
      `The libraries under /lib are the GNU C Library, Debian's package libc6:i386 ${libc},
unchanged, under the LGPL version 2.1 or later. Debian's source package glibc of
the same version is their source: apt-get source glibc${
        parts.libraryVersion ? `=${parts.libraryVersion}` : ""
      }
`,
    ],
  ];
  for (const [name, text] of texts) {
    if (text === "") continue;
    const bytes = new TextEncoder().encode(text);
    files.push({ name, type: "file", mode: 0o644, bytes });
  }
  const folders = new Map<string, number>([
    ["app/functions/", 0o755],
    ["tmp/", 0o1777],
  ]);
  for (const name of [...folders.keys(), ...files.map(({ name }) => name)]) {
    const steps = name.replace(/\/$/, "").split("/");
    for (let depth = 1; depth < steps.length; depth++) {
      folders.set(`${steps.slice(0, depth).join("/")}/`, 0o755);
    }
  }
  return [
    ...Array.from(
      folders,
      ([name, mode]): Entry => ({ name, type: "directory", mode }),
    ),
    ...files,
  ].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Empty where the system carries no such notice. */
async function textOf(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}
