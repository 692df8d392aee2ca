/** What the command line says: values for machines, tables and sentences for people. */
import type { AppError } from "../contracts/error.ts";
import { toProblem } from "../contracts/problem.ts";
import type { CliDeps } from "./deps.ts";

export interface Printer {
  json: boolean;
  /** The result: JSON when asked for, else the text. */
  result(value: unknown, text: string): void;
  /** On the way; never on standard output. */
  progress(text: string): void;
  error(error: AppError): void;
}

const BOLD_RED = ["\x1b[1;31m", "\x1b[0m"] as const;

export function createPrinter(
  { stdout, stderr, isTty, env }: CliDeps,
  json: boolean,
): Printer {
  const [red, plain] = isTty && !env("NO_COLOR") ? BOLD_RED : ["", ""];
  return {
    json,
    result(value, text) {
      if (json) stdout(`${JSON.stringify(value)}\n`);
      else if (text) stdout(text.endsWith("\n") ? text : `${text}\n`);
    },
    progress(text) {
      if (!json) stderr(`${text}\n`);
    },
    error(error) {
      if (json) {
        stderr(`${JSON.stringify(toProblem(error))}\n`);
        return;
      }
      stderr(`${red}error${plain}: ${error.message}\n`);
      for (const { file, line, column, message } of error.diagnostics ?? []) {
        const place = [file, line, column].filter((part) => part !== undefined);
        const said = `${place.join(":")}: ${message}`;
        // The first one is often in the message.
        if (!error.message.includes(said)) stderr(`  ${said}\n`);
      }
      if (error.stderr) stderr(`${indent(error.stderr)}\n`);
      if (error.hint) stderr(`  ${error.hint}\n`);
    },
  };
}

/** A value as a cell. */
export function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Columns as wide as their widest cell. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? "").length))
  );
  return all.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
      .trimEnd() + "\n"
  ).join("");
}

function indent(text: string): string {
  return text.split("\n").map((line) => `  | ${line}`).join("\n");
}
