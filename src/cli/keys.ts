/** `oche keys`: make, list and revoke API keys. */
import { z } from "zod";
import { parseTime } from "../contracts/delay.ts";
import { AppError } from "../contracts/error.ts";
import { CreatedKey, KeyView } from "../contracts/key.ts";
import { ask, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { type Printer, table } from "./print.ts";

const KeyList = z.object({ keys: z.array(KeyView) });

const UNIT_MS: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export interface NewKeyFlags {
  scope: string[];
  /** Names or patterns. */
  function: string[];
  /** `30d`, `12h`, `15m`, or a time (RFC 3339). */
  expires?: string | undefined;
}

export async function createKey(
  deps: CliDeps,
  printer: Printer,
  name: string,
  { scope, function: functions, expires }: NewKeyFlags,
): Promise<void> {
  const created = await ask(deps, CreatedKey, "/api/keys", {
    method: "POST",
    body: JSON.stringify({
      name,
      scopes: scope,
      ...(functions.length > 0 && { functions }),
      ...(expires !== undefined && { expiresAt: readExpiry(expires) }),
    }),
  });
  printer.progress(`This is shown once. Id: ${created.id}`);
  printer.result(created, created.key);
}

export async function listKeys(deps: CliDeps, printer: Printer): Promise<void> {
  const answer = await ask(deps, KeyList, "/api/keys");
  printer.result(
    answer,
    answer.keys.length === 0
      ? "There is only the admin key of the installation"
      : table(
        ["ID", "NAME", "SCOPES", "FUNCTIONS", "MADE", "ENDS"],
        answer.keys.map((each) => [
          each.id,
          each.name,
          each.scopes.join(","),
          each.functions?.join(",") ?? "all",
          each.createdAt,
          each.revokedAt
            ? `revoked ${each.revokedAt}`
            : each.expiresAt ?? "never",
        ]),
      ),
  );
}

export async function revokeKey(
  deps: CliDeps,
  printer: Printer,
  id: string,
): Promise<void> {
  await send(deps, `/api/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
  printer.result({ revoked: id }, `${id} is revoked`);
}

function readExpiry(text: string): string {
  const [, count, unit = ""] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count) {
    const ms = Number(count) * (UNIT_MS[unit] ?? NaN);
    return new Date(Date.now() + ms).toISOString();
  }
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  try {
    return new Date(parseTime(isDay ? `${text}T00:00:00Z` : text))
      .toISOString();
  } catch (cause) {
    throw new AppError("invalid", `Cannot read --expires "${text}"`, {
      hint: "Write 30d, 12h, 15m, or a time such as 2030-01-31T00:00:00Z",
      cause,
    });
  }
}
