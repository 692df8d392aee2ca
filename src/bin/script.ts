/** How a program of this folder is run as a process of its own. */

/**
 * A call leaves some garbage; with more room for the young, little of it is
 * copied before it is garbage. In MB.
 */
const V8_FLAGS = "--min-semi-space-size=16,--max-semi-space-size=32";

export interface Script {
  command: string;
  args: string[];
}

/**
 * @param root The checkout.
 * @param name Of the file, without its ending.
 * @param args What the program is given.
 */
export function scriptOf(
  root: string,
  name: string,
  args: string[] = [],
): Script {
  return {
    command: Deno.execPath(),
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      `--v8-flags=${V8_FLAGS}`,
      `--config=${root}/deno.json`,
      `${root}/src/bin/${name}.ts`,
      ...args,
    ],
  };
}
