/** What versions the measured programs say they are of. */

/** The first line that a program prints for it, which may say how it failed. */
export async function versionOf(
  program: string,
  flag = "--version",
): Promise<string> {
  try {
    const { stdout, stderr } = await new Deno.Command(program, {
      args: [flag],
    }).output();
    const text = new TextDecoder();
    const said = text.decode(stdout) + text.decode(stderr);
    return said.trim().split("\n")[0] ?? "";
  } catch {
    return `${program} not found`;
  }
}
