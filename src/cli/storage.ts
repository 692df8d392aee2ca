/** `oche storage`: what is stored, and what bounds it. */
import { StorageReport, type Store } from "../contracts/storage.ts";
import { ask } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { type Printer, table } from "./print.ts";

const MB = 1024 * 1024;
const HOUR_MS = 3_600_000;

export async function showStorage(
  deps: CliDeps,
  printer: Printer,
): Promise<void> {
  const report = await ask(deps, StorageReport, "/api/storage");
  const versions = Object.entries(report.versions)
    .map(([status, count]) => `${count} ${status}`).join(", ");
  printer.result(
    report,
    `${report.functions} functions, versions: ${versions || "none"}\n\n${
      table(
        ["STORE", "KIND", "MESSAGES", "MB", "AT MOST", "FOR", "ON"],
        report.stores.map(row),
      )
    }`,
  );
}

function row(
  { name, kind, messages, bytes, maxBytes, maxAgeMs, isInMemory }: Store,
): string[] {
  return [
    name,
    kind,
    String(messages),
    (bytes / MB).toFixed(1),
    maxBytes === undefined ? "-" : `${Math.round(maxBytes / MB)} MB`,
    maxAgeMs === undefined
      ? "-"
      : `${Number((maxAgeMs / HOUR_MS).toFixed(2))} h`,
    isInMemory ? "memory" : "disk",
  ];
}
