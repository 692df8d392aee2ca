/** Names of images. `localhost` keeps an engine from asking any registry. */

export function functionTag(
  installation: string,
  functionId: string,
  version: number,
): string {
  return `localhost/oche-${installation}/${functionId}:v${version}`;
}

/** By content, so that a new VM makes a new base. */
export function baseTag(installation: string, digest: string): string {
  return `localhost/oche-${installation}/base:${digest.slice(0, 12)}`;
}
