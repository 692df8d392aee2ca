/** The bundled Dart VM: compiles to a kernel file in a container, on a base image from a tar. */
import { AppError } from "../../src/contracts/error.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { packContext } from "../image/context.ts";
import { digestOf } from "../image/digest.ts";
import { baseTag, contentOf, functionTag, loaderTag } from "../image/tags.ts";
import { LABEL, type Role } from "../labels.ts";
import { SANDBOX_USER } from "../sandbox/hardening.ts";
import type { RuntimeSettings } from "../settings.ts";
import type { Artefacts } from "./artefacts.ts";
import {
  buildFolder,
  type DartPackages,
  loaderFolder,
} from "./build_folder.ts";
import { compileKernel } from "./kernel_compiler.ts";
import type { BuildInput, Toolchain } from "./toolchain.ts";

const KERNEL = "/app/function.dill";
const VM = "/usr/bin/dart";

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

  function digest(files: ReadonlyMap<string, Uint8Array>): string {
    return digestOf(files, baseDigest, dockerfile(base));
  }

  async function compile(
    files: ReadonlyMap<string, Uint8Array>,
    say: (line: string) => void,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    if (!await engine.hasImage(base)) await engine.importBase(base, baseTar);
    return await compileKernel({ ...options, image: base, files, say, signal });
  }

  async function buildImage(
    tag: string,
    role: Role,
    kernel: Uint8Array,
    say: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const context = await packContext(
      new Map([
        ["Dockerfile", new TextEncoder().encode(dockerfile(base))],
        ["function.dill", kernel],
      ]),
    );
    const labels = imageLabels(installation, role);
    for await (
      const line of engine.buildImage({ tag, labels, context, signal })
    ) say(line);
    if (await engine.hasImage(tag)) return;
    throw new AppError("build_failed", "Cannot find the image just built");
  }

  return {
    name: "bundled",

    async prepare() {
      if (await engine.hasImage(base)) return;
      await engine.importBase(base, baseTar);
    },

    imageOf: (input) =>
      functionTag(installation, digest(buildFolder(input, packages))),

    async build(input: BuildInput, say, signal) {
      const tag = this.imageOf(input);
      let kernel = await artefacts.get(contentOf(tag));
      if (!kernel) {
        kernel = await compile(buildFolder(input, packages), say, signal);
        await artefacts.put(contentOf(tag), kernel);
      }
      await buildImage(tag, "image", kernel, say, signal);
    },

    loader: {
      async prepare() {
        const files = loaderFolder(packages);
        const image = loaderTag(installation, digest(files));
        let info = await engine.hasImage(image);
        if (!info) {
          const signal = new AbortController().signal;
          const kernel = await compile(files, () => {}, signal);
          await buildImage(image, "loader", kernel, () => {}, signal);
          info = await engine.hasImage(image);
        }
        return { image, bytes: info?.bytes ?? 0 };
      },

      artefact: (image) => artefacts.get(contentOf(image)),
    },
  };
}

export function imageLabels(
  installation: string,
  role: Role,
): Record<string, string> {
  return { [LABEL.installation]: installation, [LABEL.role]: role };
}

function dockerfile(base: string): string {
  return `FROM ${base}
COPY function.dill ${KERNEL}
USER ${SANDBOX_USER}
ENTRYPOINT ["${VM}", "${KERNEL}"]
`;
}
