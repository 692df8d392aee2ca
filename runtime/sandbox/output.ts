/** The last output of a container, kept in bounds for as long as it lives. */
import type { LogLine } from "../../src/contracts/log.ts";

const MAX_LINES = 200;
const MAX_LINE_CHARS = 4_096;

export interface OutputLine {
  stream: "stdout" | "stderr";
  text: string;
  at: Date;
}

export class OutputRing {
  #lines: OutputLine[] = [];

  add(stream: "stdout" | "stderr", text: string): void {
    this.#lines.push({
      stream,
      text: text.slice(0, MAX_LINE_CHARS),
      at: new Date(),
    });
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }

  /** All that was kept since the last time, taken out. */
  take(): OutputLine[] {
    const taken = this.#lines;
    this.#lines = [];
    return taken;
  }
}

/** What came on the standard error. */
export function errorLines(lines: OutputLine[]): string[] {
  return lines.filter(({ stream }) => stream === "stderr")
    .map(({ text }) => text);
}

/**
 * What went past the logger: of the process, and so perhaps of an isolate that
 * an earlier call left running. The metadata says so.
 */
export function asLogLine({ stream, text, at }: OutputLine): LogLine {
  return {
    level: stream === "stderr" ? "error" : "info",
    message: text,
    timestamp: at.toISOString(),
    metadata: { source: stream },
  };
}
