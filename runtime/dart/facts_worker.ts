/**
 * Parses in a thread of its own: what strangers wrote must not hold up the
 * runtime, and what it took of memory ends with the thread.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type FileFacts, readFacts } from "./facts.ts";
import { parseDart } from "./parser.ts";
import type { Source } from "./scan.ts";

export interface Work {
  sources: Source[];
  /** For all of them together. */
  parseMs: number;
}

export type Report =
  | { type: "reading"; path: string }
  | { type: "given_up" }
  | { type: "done"; facts: FileFacts[] };

function report(message: Report): void {
  parentPort?.postMessage(message);
}

async function work({ sources, parseMs }: Work): Promise<void> {
  const until = performance.now() + parseMs;
  const facts: FileFacts[] = [];
  for (const { path, text } of sources) {
    report({ type: "reading", path });
    const found = await parseDart(text, until, (root) => readFacts(root, path))
      .catch((error: unknown) => {
        if (error instanceof WebAssembly.RuntimeError) return undefined;
        throw error;
      });
    if (!found) return report({ type: "given_up" });
    facts.push(found);
  }
  report({ type: "done", facts });
}

await work(workerData);
