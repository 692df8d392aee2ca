/** Reads the facts of sources in a process that is killed when it takes too long. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../../src/contracts/error.ts";
import { LineReader } from "../exchange/line_reader.ts";
import type { FileFacts } from "./facts.ts";
import type { Report } from "./facts_program.ts";
// The program's file is no import: this one has its packages fetched in time.
import { PARSER_FILES } from "./parser.ts";
import { refusal } from "./refusal.ts";
import type { Source } from "./scan.ts";

const PROGRAM = fileURLToPath(new URL("./facts_program.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

const HEAP_MB = 512;
/** Of the facts of all files together. */
const MAX_FACTS_BYTES = 4 * 1024 * 1024;
/** A process whose parent was killed ends of itself, in seconds of the CPU. */
const CPU_ALLOWANCE_S = 5;

/**
 * @param limitMs For all of them together.
 * @throws {AppError} `injection_failed`, naming the file that takes too much
 */
export async function readAllFacts(
  sources: Source[],
  limitMs: number,
): Promise<FileFacts[]> {
  if (sources.length === 0) return [];
  const child = start(limitMs);
  let why = "takes too much memory to parse";
  const timer = setTimeout(() => {
    why = "takes too long to parse";
    kill(child);
  }, limitMs);
  const facts: FileFacts[] = [];
  let isOut = false;
  let size = 0;
  try {
    const sent = send(child, sources);
    for await (const line of linesOf(child)) {
      size += line.length;
      if (size > MAX_FACTS_BYTES) throw new RangeError("too many facts");
      const report: Report = JSON.parse(line);
      if (report.facts) facts.push(report.facts);
      else isOut = true;
    }
    await sent;
    const { signal } = await child.status;
    const unread = sources[facts.length];
    if (!unread) return facts;
    // It said so, or it was killed: by us, by the kernel, by its own engine.
    if (isOut || signal) throw tooMuch(unread, why);
    throw new AppError("internal", "Cannot read the facts of the sources");
  } catch (error) {
    const unread = sources[facts.length];
    if (!(error instanceof RangeError) || !unread) throw error;
    throw tooMuch(unread, "declares too much");
  } finally {
    clearTimeout(timer);
    kill(child);
    await child.status;
  }
}

function start(limitMs: number): Deno.ChildProcess {
  const cpuSeconds = Math.ceil(limitMs / 1_000) + CPU_ALLOWANCE_S;
  return new Deno.Command("/bin/sh", {
    args: [
      "-c",
      `ulimit -t ${cpuSeconds}; exec "$0" "$@"`,
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-prompt",
      "--cached-only",
      "--frozen",
      `--config=${CONFIG}`,
      `--allow-read=${PARSER_FILES.map(dirname).join()}`,
      `--v8-flags=--max-old-space-size=${HEAP_MB}`,
      PROGRAM,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

async function send(
  child: Deno.ChildProcess,
  sources: Source[],
): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(JSON.stringify(sources)));
    await writer.close();
  } catch {
    // It has ended; what it read counts.
  }
}

async function* linesOf(child: Deno.ChildProcess): AsyncGenerator<string> {
  const reader = child.stdout.getReader({ mode: "byob" });
  const source = {
    async read(into: Uint8Array): Promise<number | null> {
      const { value } = await reader.read(new Uint8Array(into.length));
      if (!value || value.length === 0) return null;
      into.set(value);
      return value.length;
    },
  };
  try {
    yield* new LineReader(source, MAX_FACTS_BYTES);
  } finally {
    await reader.cancel();
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

function tooMuch({ path }: Source, what: string): AppError {
  return refusal({
    sentence: `A file ${what}`,
    places: [{ file: path, line: 1, column: 1 }],
    hint: "Split it, or nest less deeply",
  });
}
