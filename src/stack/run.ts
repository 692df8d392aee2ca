/** Runs a command to its end, bounded in time, and gives its output. */

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Past this the command is killed. */
  timeoutMs?: number;
}

export interface RunResult {
  /** 127 when the command could not be started, 137 when it was killed. */
  code: number;
  stdout: string;
  stderr: string;
}

export async function run(
  command: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunResult> {
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(),
    options.timeoutMs ?? 60_000,
  );
  try {
    const output = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      signal: timeout.signal,
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
    }).output();
    return {
      code: timeout.signal.aborted ? 137 : output.code,
      stdout: new TextDecoder().decode(output.stdout),
      stderr: new TextDecoder().decode(output.stderr),
    };
  } catch (error) {
    return { code: 127, stdout: "", stderr: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The last lines of a command's output, for a hint. */
export function lastLines(text: string, count = 5): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/**
 * Where programs are, by name. The administrators' folders are searched too:
 * root's PATH may lack them.
 */
export async function findPrograms(
  names: readonly string[],
): Promise<Map<string, string>> {
  const script =
    'PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; for name; do command -v "$name"; done; :';
  const { stdout } = await run("sh", ["-c", script, "sh", ...names]);
  return new Map(
    stdout.split("\n").filter((path) => path.startsWith("/")).map((path) => [
      path.slice(path.lastIndexOf("/") + 1),
      path,
    ]),
  );
}
