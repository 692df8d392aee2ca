/** Removes images that no version and no container needs, and loaders of an older Oche. */
import type { Registry } from "../../src/contracts/port.ts";
import type {
  ContainerEngine,
  ContainerSummary,
  ImageSummary,
} from "../engine/engine.ts";
import { contentOf, isFunctionTag, isLoaderTag } from "../image/tags.ts";
import { type ImageRole, LABEL } from "../labels.ts";
import type { Artefacts } from "../toolchain/artefacts.ts";

export interface ImageGarbageDeps {
  engine: Pick<ContainerEngine, "listImages" | "removeImage">;
  registry: Registry;
  /** What was compiled for an image goes with it. */
  artefacts: Pick<Artefacts, "remove">;
  installation: string;
  /** Of sandboxes without a function; where there are none, undefined. */
  loaderImage: string | undefined;
}

/**
 * @param containers Those that have an owner: what they were made of stays.
 * @param live The ids of the runtimes that are alive.
 */
export async function removeOrphanImages(
  deps: ImageGarbageDeps,
  containers: readonly ContainerSummary[],
  live: ReadonlySet<string>,
): Promise<void> {
  const { engine, installation } = deps;
  const images = await engine.listImages({
    [LABEL.installation]: installation,
  });
  await removeUnused(deps, ofRole(images, "image"), containers);
  // Another runtime may be of that age.
  if (live.size <= 1) await removeLoaders(deps, ofRole(images, "loader"));
}

function ofRole(
  images: readonly ImageSummary[],
  role: ImageRole,
): ImageSummary[] {
  return images.filter(({ labels }) => labels[LABEL.role] === role);
}

async function removeUnused(
  { engine, registry, artefacts, installation }: ImageGarbageDeps,
  images: readonly ImageSummary[],
  containers: readonly ContainerSummary[],
): Promise<void> {
  if (images.length === 0) return;
  const inUse = new Set(containers.map(({ labels }) => labels[LABEL.image]));
  for (const { id } of await registry.list()) {
    for (const { image, status } of await registry.versions(id)) {
      if (status !== "failed") inUse.add(image);
    }
  }
  // What those own is in no list.
  if ((await registry.unreadable()).length > 0) return;
  for (const { tag } of images) {
    if (inUse.has(tag) || !isFunctionTag(installation, tag)) continue;
    await engine.removeImage(tag);
    await artefacts.remove(contentOf(tag));
  }
}

async function removeLoaders(
  { engine, installation, loaderImage }: ImageGarbageDeps,
  loaders: readonly ImageSummary[],
): Promise<void> {
  for (const { tag } of loaders) {
    if (tag === loaderImage || !isLoaderTag(installation, tag)) continue;
    await engine.removeImage(tag);
  }
}
