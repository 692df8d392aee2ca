/** mkfifo(3), which neither Deno nor node:fs has. */
import { AppError } from "../../src/contracts/error.ts";
import { cText, libc } from "./libc.ts";

/** @throws {AppError} `unavailable` when the file system has no room or no FIFOs */
export function makeFifo(path: string, mode: number): void {
  if (libc().mkfifo(cText(path), mode) !== 0) {
    throw new AppError("unavailable", `Cannot make the pipe "${path}"`, {
      hint: "Is there room, and may files be made there?",
    });
  }
  // The mode above is cut by the process's mask.
  Deno.chmodSync(path, mode);
}
