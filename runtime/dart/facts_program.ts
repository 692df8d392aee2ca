/**
 * The program that parses: sources as JSON in, a line of facts for each out.
 * What strangers wrote may keep a parser busy for ever, and a thread cannot be
 * ended in the midst of a step; a process can.
 */
import { type FileFacts, readFacts } from "./facts.ts";
import { parseDart } from "./parser.ts";
import type { Source } from "./scan.ts";

/** One file read; or none any more, for want of memory. */
export type Report = { facts: FileFacts } | { facts?: never };

async function report(message: Report): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length;) {
    at += await Deno.stdout.write(bytes.subarray(at));
  }
}

const sources: Source[] = await new Response(Deno.stdin.readable).json();
for (const { path, text } of sources) {
  try {
    await report({
      facts: await parseDart(text, (root) => readFacts(root, path)),
    });
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    await report({});
    break;
  }
}
