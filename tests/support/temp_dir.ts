/** A folder that goes with the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";

export interface TempDir extends Disposable {
  path: string;
}

export function tempDir(): TempDir {
  const path = mkdtempSync(`${tmpdir()}/oche-t-`);
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
