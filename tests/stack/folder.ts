/** A temporary folder that goes with its scope; its name holds a space. */
import { mkdtemp, rm } from "node:fs/promises";

export async function temporaryFolder(): Promise<
  AsyncDisposable & { path: string }
> {
  const path = await mkdtemp("/tmp/oche test ");
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
