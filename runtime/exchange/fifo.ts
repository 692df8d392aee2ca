/** mkfifo(3), which neither Deno nor node:fs has. */
import { AppError } from "../../src/contracts/error.ts";

const SIGNATURE = {
  mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
} as const;

let library: Deno.DynamicLibrary<typeof SIGNATURE> | undefined;

/** @throws {AppError} `unavailable` when the file system has no room or no FIFOs */
export function makeFifo(path: string, mode: number): void {
  library ??= Deno.dlopen("libc.so.6", SIGNATURE);
  const text = new TextEncoder().encode(`${path}\0`);
  if (library.symbols.mkfifo(text, mode) !== 0) {
    throw new AppError("unavailable", `Cannot make the pipe "${path}"`, {
      hint: "Is there room, and may files be made there?",
    });
  }
  // The mode above is cut by the process's mask.
  Deno.chmodSync(path, mode);
}
