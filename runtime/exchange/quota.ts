/**
 * A size limit for a directory: a tmpfs of its own over it. mount(2) and
 * umount(2) are called as they are: a program for each would cost milliseconds.
 */
import { AppError } from "../../src/contracts/error.ts";
import { cText, libc } from "./libc.ts";

/** MS_NOSUID | MS_NODEV | MS_NOEXEC */
const FLAGS = 2n | 4n | 8n;
/** MNT_DETACH | UMOUNT_NOFOLLOW: whoever uses it still keeps it alone. */
const DETACH = 2 | 8;
/** By which `./oche down` knows a mount as ours. */
const SOURCE = "oche";
/** The exchange's files and folders, with room to spare. */
const INODES = 64;

/**
 * Covers an empty directory with one of at most so many bytes.
 *
 * @throws {AppError} `unavailable` where mounting is not permitted
 */
export function limitDirectory(path: string, bytes: number): void {
  const options = `size=${bytes},nr_inodes=${INODES},mode=755`;
  const failed = libc().mount(
    cText(SOURCE),
    cText(path),
    cText("tmpfs"),
    FLAGS,
    cText(options),
  );
  if (failed === 0) return;
  throw new AppError("unavailable", `Cannot limit the size of "${path}"`, {
    hint: "Mounting needs CAP_SYS_ADMIN",
  });
}

/** Takes what `limitDirectory` put over a directory away, with all that is in it. */
export function unlimitDirectory(path: string): void {
  try {
    libc().umount2(cText(path), DETACH);
  } catch {
    // Without the library nothing was mounted.
  }
}

/**
 * Why directories below a folder cannot be limited; undefined when they can. A
 * container of an engine elsewhere sees a mount only where the folder's own is
 * shared (mount_namespaces(7)).
 */
export function whyUnlimited(folder: string): string | undefined {
  const trial = `${folder}/.limited`;
  try {
    if (!isShared(folder)) return "the folder's mount is not shared";
    Deno.mkdirSync(trial, { recursive: true });
    limitDirectory(trial, 4_096);
    return undefined;
  } catch (error) {
    return AppError.from(error).message;
  } finally {
    unlimitDirectory(trial);
    remove(trial);
  }
}

/** proc(5): `id parent dev root path options optional… - type source …` */
function isShared(folder: string): boolean {
  let own: string[] = [];
  for (
    const line of Deno.readTextFileSync("/proc/self/mountinfo").split("\n")
  ) {
    const fields = line.split(" ");
    const path = fields[4] ?? "";
    const isAbove = path === "/" || folder === path ||
      folder.startsWith(`${path}/`);
    // The last of equals lies on top.
    if (isAbove && path.length >= (own[4] ?? "").length) own = fields;
  }
  return own.slice(6, own.indexOf("-")).some((each) =>
    each.startsWith("shared:")
  );
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Never made.
  }
}
