/** Runs the Dart front end on strangers' code: in a container, bounded, without network. */
import { AppError } from "../../src/contracts/error.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { containerLabels } from "../labels.ts";
import { harden } from "../sandbox/hardening.ts";
import type { RuntimeSettings } from "../settings.ts";
import { compileError } from "./compile_error.ts";

/** Below the functions' folder: a folder for each compiler that runs. */
export const BUILDS = ".build";

const INSIDE = "/build";
const OUTPUT = "function.dill";
const COMPILE_MS = 60_000;
const MEMORY_MB = 768;
const CPUS = 2;
const PIDS = 64;
const MAX_KERNEL_BYTES = 64 * 1024 * 1024;
const MAX_OUTPUT_CHARS = 256 * 1024;

export interface CompileOptions {
  engine: ContainerEngine;
  settings: RuntimeSettings;
  /** Holds the VM. */
  image: string;
  files: ReadonlyMap<string, Uint8Array>;
  /** Of the program, among the files. */
  entry: string;
  /**
   * `app-jit` runs the program, without arguments: for our own alone, never for
   * an author's.
   */
  kind: "kernel" | "app-jit";
  nextName(): string;
  say(line: string): void;
  signal: AbortSignal;
}

/** @throws {AppError} `build_failed` with the author's places */
export async function compileKernel(
  options: CompileOptions,
): Promise<Uint8Array> {
  const name = options.nextName();
  const folder = `${options.settings.functionsDir}/${BUILDS}/${name}`;
  try {
    await writeFolder(folder, options.files);
    const { exitCode, output } = await runCompiler(options, name, folder);
    if (exitCode !== 0) throw compileError(output);
    return await readKernel(`${folder}/${OUTPUT}`);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [path, bytes] of files) {
    const full = `${folder}/${path}`;
    await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(full, bytes);
  }
  await Deno.writeFile(`${folder}/${OUTPUT}`, new Uint8Array());
  await Deno.chmod(`${folder}/${OUTPUT}`, 0o666);
}

async function runCompiler(
  { engine, settings, image, entry, kind, say, signal }: CompileOptions,
  name: string,
  folder: string,
): Promise<{ exitCode: number; output: string }> {
  const id = await engine.create({
    name,
    image,
    command: [
      "/usr/bin/dart",
      `--snapshot-kind=${kind}`,
      `--snapshot=${OUTPUT}`,
      "--packages=package_config.json",
      entry,
    ],
    labels: containerLabels(settings, "compiler"),
    workingDir: INSIDE,
    binds: [{ source: folder, target: INSIDE, readOnly: false }],
    ...harden({
      memoryMb: MEMORY_MB,
      cpus: CPUS,
      pidsLimit: PIDS,
      maxFileBytes: MAX_KERNEL_BYTES,
    }),
  });
  let output = "";
  try {
    const drained = await engine.attach(id, (_stream, line) => {
      if (output.length < MAX_OUTPUT_CHARS) output += `${line}\n`;
      say(line);
    });
    await engine.start(id);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(COMPILE_MS)]);
    const exit = await until(engine.waitExit(id), limit);
    await drained;
    if (exit.oomKilled) {
      throw new AppError("build_failed", "The compiler ran out of memory", {
        hint: `Make the source smaller: it may use ${MEMORY_MB} MB`,
      });
    }
    return { exitCode: exit.exitCode, output };
  } finally {
    await engine.remove(id);
  }
}

/** @throws {AppError} `build_failed` when the signal comes first */
async function until<Value>(
  event: Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  function stop(): void {
    reject(
      new AppError("build_failed", "The compiler took too long", {
        hint: `Make the source smaller: it may take ${COMPILE_MS / 1000} s`,
      }),
    );
  }
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([event, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The compiler's output is a stranger's too: bounded, and a file for certain. */
async function readKernel(path: string): Promise<Uint8Array> {
  const info = await Deno.lstat(path);
  if (!info.isFile || info.size === 0 || info.size > MAX_KERNEL_BYTES) {
    throw new AppError(
      "build_failed",
      `Cannot use the compiled function: it has ${info.size} bytes`,
      { hint: `Between 1 and ${MAX_KERNEL_BYTES} bytes are allowed` },
    );
  }
  return await Deno.readFile(path);
}
