/** A stronger container runtime than an embedded engine's usual one: where it is. */
import { AppError } from "../contracts/error.ts";
import { findPrograms } from "./run.ts";

/** @throws {AppError} `unavailable` when it is not installed */
export async function findRuntime(name: string): Promise<string> {
  const program = (await findPrograms([name])).get(name);
  if (program !== undefined) return program;
  throw new AppError(
    "unavailable",
    `Cannot use the container runtime "${name}": no such program`,
    { hint: "Install it, or unset OCHE_RUNTIME" },
  );
}
