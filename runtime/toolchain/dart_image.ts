/**
 * The dart image: `dart pub get` and `dart compile exe` in a build stage, the
 * result on an empty image. It needs an image that is present or can be pulled.
 */
import type { ContainerEngine } from "../engine/engine.ts";
import { packContext } from "../image/context.ts";
import { digestOf, generationOf } from "../image/digest.ts";
import { functionTag, isOfGeneration } from "../image/tags.ts";
import { imageLabels } from "../labels.ts";
import { SANDBOX_USER } from "../sandbox/hardening.ts";
import type { RuntimeSettings } from "../settings.ts";
import { buildFolder, type DartPackages } from "./build_folder.ts";
import { buildImage } from "./build_image.ts";
import type { BuildInput, Toolchain } from "./toolchain.ts";

export interface DartImageOptions {
  engine: ContainerEngine;
  settings: RuntimeSettings;
  packages: DartPackages;
  /** Such as `dart:stable`. */
  image: string;
}

export function dartImageToolchain(
  { engine, settings, packages, image }: DartImageOptions,
): Toolchain {
  const generation = generationOf(packages);
  return {
    name: "image",

    async prepare() {
      if (!await engine.hasImage(image)) await engine.pull(image);
    },

    imageOf: (input) =>
      functionTag(
        settings.installation,
        `${generation}${digestOf(imageContext(input, packages, image))}`,
      ),

    isCurrent: (tag) => isOfGeneration(tag, generation),

    async build(input, say, signal) {
      await this.prepare();
      await buildImage(engine, {
        tag: this.imageOf(input),
        labels: imageLabels(settings.installation, "image"),
        context: await packContext(imageContext(input, packages, image)),
        network: true,
        signal,
      }, say);
    },
  };
}

/** The build folder with what pub needs instead of a package config. */
export function imageContext(
  input: BuildInput,
  packages: DartPackages,
  image: string,
): Map<string, Uint8Array> {
  const files = buildFolder(input, packages);
  const encoder = new TextEncoder();
  files.delete("package_config.json");
  files.set("Dockerfile", encoder.encode(dockerfile(image)));
  files.set("pubspec.yaml", encoder.encode(entryPubspec(input)));
  return files;
}

function dockerfile(image: string): string {
  return `FROM ${image} AS build
WORKDIR /build
COPY . .
RUN dart pub get && dart compile exe main.dart -o function
FROM scratch
COPY --from=build /runtime/ /
COPY --from=build /build/function /app/function
USER ${SANDBOX_USER}
ENTRYPOINT ["/app/function"]
`;
}

/** Our packages win over what the author's pubspec says of them. */
function entryPubspec({ packageName, root }: BuildInput): string {
  const author = packageName === undefined
    ? ""
    : `  ${packageName}:\n    path: source/${root}\n`;
  return `name: oche_entry
publish_to: none
environment:
  sdk: ">=3.0.0 <4.0.0"
dependencies:
  dart_cloud_function:
    path: packages/dart_cloud_function
${author}dependency_overrides:
  dart_cloud_function:
    path: packages/dart_cloud_function
  dart_cloud_logger:
    path: packages/dart_cloud_logger
`;
}
