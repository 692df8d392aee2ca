/** How much memory a sandbox gets, in MB. */
import type { VersionRecord } from "../../src/contracts/function.ts";
import type { RuntimeSettings } from "../settings.ts";

/** What the bundled VM needs to start at all; below, it hangs. */
const TOOLCHAIN_FLOOR_MB = 32;
/** The spec's floor. */
const FLOOR_MB = 20;
const DEFAULT_MB = 64;
const IMAGE_FACTOR = 1.5;

/** For the second isolate group of a sandbox that was started without a function. */
const LOADER_MB = 8;

/** From the image's size, or as configured. */
export function memoryFor(imageBytes: number, override?: number): number {
  const asked = override ??
    Math.max(DEFAULT_MB, Math.ceil(IMAGE_FACTOR * imageBytes / 1024 / 1024));
  return Math.max(asked, FLOOR_MB, TOOLCHAIN_FLOOR_MB);
}

/** Of a sandbox that is started without a function. */
export function loaderMemory(imageBytes: number, override?: number): number {
  const memory = memoryFor(imageBytes, override);
  return override === undefined ? memory + LOADER_MB : memory;
}

/** The limit of a version's sandboxes. */
export function memoryOf(
  { imageBytes = 0 }: Pick<VersionRecord, "imageBytes">,
  { memoryMb }: RuntimeSettings,
): number {
  return memoryFor(imageBytes, memoryMb);
}
