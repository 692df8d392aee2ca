/** Names of entries: made plain, or refused. */
import { AppError } from "../../src/contracts/error.ts";

const MAX_PATH_BYTES = 512;
const MAX_SEGMENT_BYTES = 255;
const MAX_DEPTH = 32;
const MAX_SHOWN = 80;

/** Nobody's source: what editors, systems and tools leave about. */
const NOISE =
  /(^|\/)(__MACOSX|\.git|\.dart_tool|\.oche)(\/|$)|(^|\/)(\.DS_Store|\._[^/]*)$/;

const encoder = new TextEncoder();

/**
 * The path below the archive's root, without `./` and trailing slash; empty for
 * the root itself.
 *
 * @throws {AppError} `invalid` for what leads outside or is no plain name
 */
export function plainPath(name: string): string {
  if (name.includes("\uFFFD")) throw refuse(name, "it is not UTF-8");
  // deno-lint-ignore no-control-regex -- They are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(name)) {
    throw refuse(name, "it holds control characters");
  }
  if (name.includes("\\")) throw refuse(name, "it holds a backslash");
  if (name.startsWith("/")) throw refuse(name, "it is absolute");
  if (/^[A-Za-z]:/.test(name)) throw refuse(name, "it names a drive");
  const segments = name.split("/").filter((part) =>
    part !== "" && part !== "."
  );
  if (segments.includes("..")) throw refuse(name, "it leads outside");
  const path = segments.join("/");
  if (
    encoder.encode(path).length > MAX_PATH_BYTES ||
    segments.length > MAX_DEPTH ||
    segments.some((part) => encoder.encode(part).length > MAX_SEGMENT_BYTES)
  ) throw refuse(name, "it is too long or too deep");
  return path;
}

export function isNoise(path: string): boolean {
  return NOISE.test(path);
}

/** What two names have in common that some file systems take for one. */
export function foldedPath(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

export function refuse(name: string, why: string): AppError {
  const shown = name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
  return new AppError(
    "invalid",
    `Cannot unpack the entry ${JSON.stringify(shown)}: ${why}`,
    { hint: "Pack plain files and folders with relative names" },
  );
}
