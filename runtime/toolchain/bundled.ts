/** The bundled Dart VM: compiles to a kernel file in a container, on a base image from a tar. */
import { dirname } from "node:path";
import type { ContainerEngine } from "../engine/engine.ts";
import { packContext } from "../image/context.ts";
import { digestOf, generationOf } from "../image/digest.ts";
import {
  baseTag,
  contentOf,
  functionTag,
  isOfGeneration,
  loaderTag,
} from "../image/tags.ts";
import { imageLabels, type ImageRole } from "../labels.ts";
import { SANDBOX_USER } from "../sandbox/hardening.ts";
import type { RuntimeSettings } from "../settings.ts";
import type { Artefacts } from "./artefacts.ts";
import {
  buildFolder,
  type DartPackages,
  KERNEL_READER,
  LOADER,
  loaderFolder,
} from "./build_folder.ts";
import { buildImage } from "./build_image.ts";
import { keptProgram } from "./kept_program.ts";
import { compileKernel, type CompileOptions } from "./kernel_compiler.ts";
import type { BuildInput, Toolchain } from "./toolchain.ts";

const KERNEL = "function.dill";
const READER = "kernel_reader.jit";
const RUN = ["/usr/bin/dart", `/app/${KERNEL}`];
/** With another program in place of the compiler (SDK, runtime/bin/dfe.cc). */
const RUN_LOADER = ["/usr/bin/dart", `--dfe=/app/${READER}`, `/app/${KERNEL}`];
const NOBODY = () => {};

export interface BundledOptions {
  engine: ContainerEngine;
  settings: RuntimeSettings;
  packages: DartPackages;
  artefacts: Artefacts;
  /** Root file system with the VM, and its digest. */
  baseTar: string;
  baseDigest: string;
  nextName(): string;
}

export function bundledToolchain(options: BundledOptions): Toolchain {
  const { engine, settings, packages, artefacts, baseTar, baseDigest } =
    options;
  const { installation } = settings;
  const base = baseTag(installation, baseDigest);

  /**
   * A function's program is loaded next to our packages as the loader has them:
   * only what was compiled against the same ones may be.
   */
  const generation = generationOf(packages, baseDigest);

  function digest(files: ReadonlyMap<string, Uint8Array>): string {
    const rest = digestOf(files, baseDigest, dockerfile(base, [KERNEL], RUN));
    return `${generation}${rest}`;
  }

  const loaderFiles = loaderFolder(packages);
  const loaderImage = loaderTag(
    installation,
    digestOf(loaderFiles, baseDigest, RUN_LOADER.join(" ")),
  );

  async function compile(
    what: Pick<CompileOptions, "files" | "entry" | "kind" | "say" | "signal">,
  ): Promise<Uint8Array> {
    if (!await engine.hasImage(base)) await engine.importBase(base, baseTar);
    return await compileKernel({ ...options, image: base, ...what });
  }

  async function imageOfPrograms(
    tag: string,
    role: ImageRole,
    { programs, command, say, signal }: {
      programs: Record<string, Uint8Array>;
      command: string[];
      say: (line: string) => void;
      signal: AbortSignal;
    },
  ): Promise<void> {
    const file = dockerfile(base, Object.keys(programs), command);
    const context = await packContext(
      new Map([
        ["Dockerfile", new TextEncoder().encode(file)],
        ...Object.entries(programs),
      ]),
    );
    const labels = imageLabels(installation, role);
    await buildImage(engine, { tag, labels, context, signal }, say);
  }

  return {
    name: "bundled",

    async prepare() {
      if (await engine.hasImage(base)) return;
      await engine.importBase(base, baseTar);
    },

    imageOf: (input) =>
      functionTag(installation, digest(buildFolder(input, packages))),

    isCurrent: (image) => isOfGeneration(image, generation),

    async build(input: BuildInput, say, signal) {
      const tag = this.imageOf(input);
      let kernel = await artefacts.get(contentOf(tag));
      if (!kernel) {
        kernel = await compile({
          files: buildFolder(input, packages),
          entry: "main.dart",
          kind: "kernel",
          say,
          signal,
        });
        await artefacts.put(contentOf(tag), kernel);
      }
      await imageOfPrograms(tag, "image", {
        programs: { [KERNEL]: kernel },
        command: RUN,
        say,
        signal,
      });
    },

    loader: {
      image: loaderImage,

      async prepare() {
        const image = loaderImage;
        let info = await engine.hasImage(image);
        if (!info) {
          const { signal } = new AbortController();
          const own = (entry: string, kind: CompileOptions["kind"]) =>
            keptProgram(
              `${dirname(baseTar)}/${entry}-${contentOf(image)}`,
              () =>
                compile({
                  files: loaderFiles,
                  entry,
                  kind,
                  say: NOBODY,
                  signal,
                }),
            );
          const programs = {
            [KERNEL]: await own(LOADER, "kernel"),
            [READER]: await own(KERNEL_READER, "app-jit"),
          };
          await imageOfPrograms(image, "loader", {
            programs,
            command: RUN_LOADER,
            say: NOBODY,
            signal,
          });
          info = await engine.hasImage(image);
        }
        return { image, bytes: info?.bytes ?? 0 };
      },

      artefact: (image) => artefacts.get(contentOf(image)),
    },
  };
}

function dockerfile(base: string, files: string[], command: string[]): string {
  return `FROM ${base}
COPY ${JSON.stringify([...files, "/app/"])}
USER ${SANDBOX_USER}
ENTRYPOINT ${JSON.stringify(command)}
`;
}
