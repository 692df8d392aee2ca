/** The bundled Dart VM: compiles to a kernel file in a container, on a base image from a tar. */
import { AppError } from "../../src/contracts/error.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { packContext } from "../image/context.ts";
import { baseTag, functionTag } from "../image/tags.ts";
import { LABEL, type Role } from "../labels.ts";
import { SANDBOX_USER } from "../sandbox/hardening.ts";
import type { RuntimeSettings } from "../settings.ts";
import { buildFolder, type DartPackages } from "./build_folder.ts";
import { compileKernel } from "./kernel_compiler.ts";
import type { BuildInput, Toolchain } from "./toolchain.ts";

const KERNEL = "/app/function.dill";
const VM = "/usr/bin/dart";

export interface BundledOptions {
  engine: ContainerEngine;
  settings: RuntimeSettings;
  packages: DartPackages;
  /** Root file system with the VM, and its digest. */
  baseTar: string;
  baseDigest: string;
  nextName(): string;
}

export function bundledToolchain(options: BundledOptions): Toolchain {
  const { engine, settings, packages, baseTar, baseDigest } = options;
  const { installation } = settings;
  const base = baseTag(installation, baseDigest);

  return {
    name: "bundled",

    async prepare() {
      if (await engine.hasImage(base)) return;
      await engine.importBase(base, baseTar);
    },

    async build(input, say, signal) {
      await this.prepare();
      const kernel = await compileKernel({
        ...options,
        image: base,
        files: buildFolder(input, packages),
        say,
        signal,
      });
      const tag = functionTag(installation, input.functionId, input.version);
      const context = await packContext(
        new Map([
          ["Dockerfile", new TextEncoder().encode(dockerfile(base))],
          ["function.dill", kernel],
        ]),
      );
      const labels = imageLabels(installation, input);
      for await (
        const line of engine.buildImage({ tag, labels, context, signal })
      ) say(line);
      if (!await engine.hasImage(tag)) {
        throw new AppError("build_failed", "Cannot find the image just built");
      }
      return tag;
    },
  };
}

export function imageLabels(
  installation: string,
  { functionId, version }: Pick<BuildInput, "functionId" | "version">,
): Record<string, string> {
  const role: Role = "image";
  return {
    [LABEL.installation]: installation,
    [LABEL.function]: functionId,
    [LABEL.version]: String(version),
    [LABEL.role]: role,
  };
}

function dockerfile(base: string): string {
  return `FROM ${base}
COPY function.dill ${KERNEL}
USER ${SANDBOX_USER}
ENTRYPOINT ["${VM}", "${KERNEL}"]
`;
}
