/** How a program of this folder is run as a process of its own. */

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
      `--config=${root}/deno.json`,
      `${root}/src/bin/${name}.ts`,
      ...args,
    ],
  };
}
