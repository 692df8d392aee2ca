/** The bundled Dart VM in tests: our packages resolved, functions compiled. */
import { strictEqual } from "node:assert";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGES = ["dart_cloud_function", "dart_cloud_logger"] as const;

/** Where `./oche test` puts the VM. */
export function dartVm(): string {
  const cache = Deno.env.get("OCHE_CACHE") ?? `${ROOT}.oche/cache`;
  return resolve(cache, "dart-vm/bin/dart");
}

/** A path of this repository. */
export function repositoryPath(path: string): string {
  return `${ROOT}${path}`;
}

/** Writes a package_config.json into the folder, and returns its path. */
export async function writePackageConfig(
  folder: string,
  packages = repositoryPath("templates"),
): Promise<string> {
  const path = `${folder}/package_config.json`;
  const config = {
    configVersion: 2,
    packages: PACKAGES.map((name) => ({
      name,
      rootUri: pathToFileURL(`${packages}/${name}`).href,
      packageUri: "lib/",
      languageVersion: "3.0",
    })),
  };
  await Deno.writeTextFile(path, JSON.stringify(config));
  return path;
}

export interface DartFunction {
  /** The author's file, in this repository. */
  source: string;
  /** The author's class. */
  name: string;
  /** Whether its handle() asks for a logger. */
  hasLogger: boolean;
}

/** Compiles a function as a deployment does; returns the kernel file's path. */
export async function compileFunction(
  folder: string,
  { source, name, hasLogger }: DartFunction,
): Promise<string> {
  const work = `${folder}/${name}`;
  for (const dartPackage of PACKAGES) {
    await copyFolder(
      repositoryPath(`templates/${dartPackage}/lib`),
      `${work}/${dartPackage}/lib`,
    );
  }
  if (hasLogger) {
    const variants = `${work}/dart_cloud_function/lib/src`;
    await Deno.rename(
      `${variants}/variant_logged.dart`,
      `${variants}/variant.dart`,
    );
  }
  await Deno.writeTextFile(
    `${work}/main.dart`,
    `import 'package:dart_cloud_function/run.dart';
import '${pathToFileURL(repositoryPath(source)).href}' as author;
void main(List<String> arguments, [Object? adopt]) =>
    run(() => author.${name}(), adopt);
`,
  );
  const config = await writePackageConfig(work, work);
  const kernel = `${work}/function.dill`;
  await runDart([
    `--packages=${config}`,
    "--snapshot-kind=kernel",
    `--snapshot=${kernel}`,
    `${work}/main.dart`,
  ]);
  return kernel;
}

/** Compiles the function that most tests of the runner call. */
export function compilePlain(folder: string): Promise<string> {
  return compileFunction(folder, {
    source: "tests/fixtures/runner/plain.dart",
    name: "Plain",
    hasLogger: false,
  });
}

/** Compiles the program that waits for a function; returns the VM's arguments for it. */
export async function compileLoader(folder: string): Promise<string[]> {
  const config = await writePackageConfig(folder);
  const compile = async (name: string, kind: string) => {
    const output = `${folder}/${name}.${kind}`;
    await runDart([
      `--packages=${config}`,
      `--snapshot-kind=${kind}`,
      `--snapshot=${output}`,
      repositoryPath(`templates/dart_cloud_function/lib/${name}.dart`),
    ]);
    return output;
  };
  const reader = await compile("kernel_reader", "app-jit");
  return [`--dfe=${reader}`, await compile("loader", "kernel")];
}

async function runDart(args: string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(dartVm(), { args })
    .output();
  const said = new TextDecoder();
  strictEqual(code, 0, said.decode(stdout) + said.decode(stderr));
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
