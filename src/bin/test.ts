/** `./oche test`: prepares the machine and runs the whole suite, with one summary. */
import { provision } from "../stack/provision.ts";
import type { Progress } from "../stack/progress.ts";

export interface TestOptions {
  /** The checkout. */
  root: string;
  cache: string;
  /** Only tests whose name holds this. */
  filter: string | undefined;
  /** With the full corpora, loads and soaks; else with small ones. */
  long: boolean;
  progress: Progress;
  write(text: string): void;
}

/** Last line of Deno's runner, as in `ok | 5 passed (2 steps) | 1 failed | 1 ignored (3s)`. */
const SUMMARY =
  /\| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/;

/** @returns the exit code: 0 when everything passed */
export async function runTests(options: TestOptions): Promise<number> {
  const { root, cache, filter, long, progress, write } = options;
  for (const engine of ["podman", "docker"] as const) {
    await provision({ cache, engine, dart: "bundled", nats: true }, progress);
  }
  let failedGates = 0;
  if (filter === undefined) {
    for (const gate of [["fmt", "--check"], ["lint"], ["check"]]) {
      const { code } = await deno(root, [...gate, "--quiet"], () => {});
      if (code !== 0) failedGates++;
    }
  }
  const reportFile = await Deno.makeTempFile({ prefix: "oche-report-" });
  let tail = "";
  const { code } = await deno(
    root,
    [
      "test",
      "-A",
      "--quiet",
      "--no-check",
      "--parallel",
      ...(filter ? ["--filter", filter] : []),
      "tests",
    ],
    (text) => {
      tail = (tail + text).slice(-4_096);
      write(text);
    },
    {
      OCHE_TEST_REPORT: reportFile,
      ...(long && { OCHE_LONG: "1" }),
    },
  );
  await tell(reportFile, write);
  // deno-lint-ignore no-control-regex
  const plain = tail.replaceAll(/\x1b\[[0-9;]*m/g, "");
  const [, passed = "0", failed = "0", skipped = "0"] = SUMMARY.exec(plain) ??
    [];
  const failures = Number(failed) + failedGates;
  const wrong = code !== 0 || failures > 0 || passed === "0";
  const counted = wrong ? Math.max(failures, 1) : 0;
  write(`\n${passed} passed, ${counted} failed, ${skipped} skipped\n`);
  return wrong ? 1 : 0;
}

/** What the tests measured. */
async function tell(file: string, write: (text: string) => void) {
  const rows = await Deno.readTextFile(file);
  if (rows !== "") write(`\nMeasured, not asserted:\n${rows}`);
  await Deno.remove(file);
}

async function deno(
  cwd: string,
  args: string[],
  onOutput: (text: string) => void,
  env: Record<string, string> = {},
): Promise<{ code: number }> {
  const isTest = args[0] === "test";
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env,
    stdin: "null",
    stdout: isTest ? "piped" : "inherit",
    stderr: "inherit",
  }).spawn();
  if (isTest) {
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      onOutput(text);
    }
  }
  return await child.status;
}
