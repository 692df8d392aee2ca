/** The build folder: generated entry, author's tree, our packages, package config. */
import { renderPackageConfig } from "../dart/package_config.ts";
import type { BuildInput } from "./toolchain.ts";

export const SOURCE_PREFIX = "source/";

/** Files of our two Dart packages, by path below `packages/`. */
export type DartPackages = ReadonlyMap<string, Uint8Array>;

const VARIANT = "dart_cloud_function/lib/src/variant.dart";
const LOGGED_VARIANT = "dart_cloud_function/lib/src/variant_logged.dart";

/** Programs of the loader's folder; never `main.dart`, which is a function's. */
export const LOADER = "loader.dart";
export const KERNEL_READER = "kernel_reader.dart";

const encoder = new TextEncoder();

/**
 * Every file of the build folder. One base class cannot admit both signatures
 * of handle(), so the variant follows the analysis.
 */
export function buildFolder(
  input: Pick<
    BuildInput,
    "mainDart" | "packageConfig" | "hasLogger" | "source"
  >,
  packages: DartPackages,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([
    ["main.dart", encoder.encode(input.mainDart)],
    ["package_config.json", encoder.encode(input.packageConfig)],
  ]);
  for (const [path, bytes] of packages) {
    if (path !== LOGGED_VARIANT) files.set(`packages/${path}`, bytes);
  }
  const variant = packages.get(LOGGED_VARIANT);
  if (input.hasLogger && variant) files.set(`packages/${VARIANT}`, variant);
  for (const [path, bytes] of input.source) {
    files.set(`${SOURCE_PREFIX}${path}`, bytes);
  }
  return files;
}

/**
 * The build folder of the program that waits for a function, and of the one by
 * which the VM reads kernel files.
 */
export function loaderFolder(
  packages: DartPackages,
): Map<string, Uint8Array> {
  const files = buildFolder({
    mainDart: "",
    packageConfig: renderPackageConfig({
      root: "",
      packageName: undefined,
      languageVersion: undefined,
      dependencies: [],
    }),
    source: new Map(),
    hasLogger: false,
  }, packages);
  files.delete("main.dart");
  for (const name of [LOADER, KERNEL_READER]) {
    const program = `export 'package:dart_cloud_function/${name}';\n`;
    files.set(name, encoder.encode(program));
  }
  return files;
}

/** Reads our Dart packages: their lib/ folders and pubspecs. */
export async function readDartPackages(
  templates: string,
): Promise<DartPackages> {
  const files = new Map<string, Uint8Array>();
  for (const name of ["dart_cloud_function", "dart_cloud_logger"]) {
    await collect(`${templates}/${name}`, "pubspec.yaml", name, files);
    await collect(`${templates}/${name}`, "lib", name, files);
  }
  return files;
}

async function collect(
  folder: string,
  entry: string,
  prefix: string,
  into: Map<string, Uint8Array>,
): Promise<void> {
  const path = `${folder}/${entry}`;
  const info = await Deno.stat(path);
  if (info.isFile) {
    into.set(`${prefix}/${entry}`, await Deno.readFile(path));
    return;
  }
  for await (const child of Deno.readDir(path)) {
    await collect(path, child.name, `${prefix}/${entry}`, into);
  }
}
