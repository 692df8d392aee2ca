/** `oche storage`: what is stored, and what bounds it. */
import { StorageReport, type Store } from "../contracts/storage.ts";
import { ask } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { type Printer, table } from "./print.ts";

const MB = 1024 * 1024;
const UNITS = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "min"]] as const;

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
    maxAgeMs === undefined ? "-" : duration(maxAgeMs),
    isInMemory ? "memory" : "disk",
  ];
}

function duration(ms: number): string {
  const [unit, name] = UNITS.find(([unit]) => ms >= unit) ?? [1_000, "s"];
  return `${Number((ms / unit).toFixed(1))} ${name}`;
}
