/** A command of `./oche`, against a stack of a test. */
import { strictEqual } from "node:assert";
import { runCli } from "../../src/cli/program.ts";
import type { TestStack } from "./stack.ts";

export const ROOT = new URL("../..", import.meta.url).pathname
  .replace(/\/$/, "");

/** @returns what it printed */
export async function oche(
  stack: TestStack,
  ...argv: string[]
): Promise<string> {
  let out = "";
  const values: Record<string, string> = {
    OCHE_URL: stack.url,
    OCHE_KEY: stack.key,
  };
  const code = await runCli(argv, {
    env: (name) => values[name],
    cwd: ROOT,
    stdout: (text) => out += text,
    stderr: (text) => out += text,
    isTty: false,
    fetch,
    templates: `${ROOT}/templates/scaffolds`,
    version: "0.0.0",
    stack: {
      up: () => Promise.resolve(1),
      down: () => Promise.resolve(1),
      test: () => Promise.resolve(1),
      bench: () => Promise.resolve(1),
      doctor: () => Promise.resolve(1),
      rotateSeal: () => Promise.resolve(""),
    },
  });
  strictEqual(code, 0, out);
  return out;
}
