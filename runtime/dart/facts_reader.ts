/** Reads the facts of sources in a thread that can be given up. */
import { Worker } from "node:worker_threads";
import type { FileFacts } from "./facts.ts";
import type { Report, Work } from "./facts_worker.ts";
// The thread's file is no import: this one has its packages fetched in time.
import "./parser.ts";
import { refusal } from "./refusal.ts";
import type { Source } from "./scan.ts";

const PARSE_MS = 10_000;
/** A step of the parser can take a while; then the thread is left alone. */
const GRACE_MS = 5_000;

/** @throws {AppError} `injection_failed`, naming the file that takes too much */
export async function readAllFacts(sources: Source[]): Promise<FileFacts[]> {
  if (sources.length === 0) return [];
  const workerData: Work = { sources, parseMs: PARSE_MS };
  const worker = new Worker(new URL("./facts_worker.ts", import.meta.url), {
    workerData,
  });
  const { promise, resolve, reject } = Promise.withResolvers<FileFacts[]>();
  let current = "";
  function giveUp(): void {
    reject(refusal({
      sentence: "A file takes too long or too much memory to parse",
      places: [{ file: current, line: 1, column: 1 }],
      hint: "Split it, or nest less deeply",
    }));
  }
  worker.on("message", (message: Report) => {
    switch (message.type) {
      case "reading":
        current = message.path;
        return;
      case "given_up":
        return giveUp();
      case "done":
        return resolve(message.facts);
      default:
        message satisfies never;
    }
  });
  worker.on("error", reject);
  const timer = setTimeout(giveUp, PARSE_MS + GRACE_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
