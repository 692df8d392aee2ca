/** Names of images. `localhost` keeps an engine from asking any registry. */

/**
 * By content, so that what was built once is not built again, whoever deploys it.
 *
 * @param digest Of everything that goes into the image.
 */
export function functionTag(installation: string, digest: string): string {
  return `localhost/oche-${installation}/function:${digest.slice(0, 32)}`;
}

/** Whether it is one of the names here; a person may give an image another. */
export function isFunctionTag(installation: string, tag: string): boolean {
  return tag.startsWith(functionTag(installation, ""));
}

/** By content, so that a new VM makes a new base. */
export function baseTag(installation: string, digest: string): string {
  return `localhost/oche-${installation}/base:${digest.slice(0, 12)}`;
}

/** Of sandboxes that wait for their function. */
export function loaderTag(installation: string, digest: string): string {
  return `localhost/oche-${installation}/loader:${digest.slice(0, 32)}`;
}

export function isLoaderTag(installation: string, tag: string): boolean {
  return tag.startsWith(loaderTag(installation, ""));
}

/** Whether it was made with the packages that this Oche has. */
export function isOfGeneration(tag: string, generation: string): boolean {
  return contentOf(tag).startsWith(generation);
}

/** What a function's image and its compiled artefact have in common. */
export function contentOf(tag: string): string {
  return tag.slice(tag.lastIndexOf(":") + 1);
}
