/** `dead`: dead letters listed, looked at, run again, dropped. */
import { z } from "zod";
import { DeadBulk, DeadLetter, DeadList } from "../contracts/dead.ts";
import { parseDelay } from "../contracts/delay.ts";
import { AppError } from "../contracts/error.ts";
import { ask, queryOf, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { numberOrNull } from "./flow_flags.ts";
import { attemptsTable } from "./invocations.ts";
import { asText, type Printer, table } from "./print.ts";

const Redriven = z.object({
  invocationId: z.string(),
  redriveOf: z.array(z.string()),
});

export interface DeadOptions {
  function?: string | undefined;
  reason?: string | undefined;
  /** Seconds or a duration. */
  olderThan?: string | undefined;
  limit?: string | undefined;
}

export interface DeadBulkOptions extends DeadOptions {
  /** Without an id or a filter: really all of them. */
  all: boolean;
  perSecond?: string | undefined;
}

export async function listDead(
  deps: CliDeps,
  printer: Printer,
  options: DeadOptions,
): Promise<void> {
  const path = `/api/dead${queryOf(filterOf(options))}`;
  const list = await ask(deps, DeadList, path);
  printer.result(
    list,
    list.letters.length === 0 ? "None" : table(
      ["ID", "FUNCTION", "REASON", "ATTEMPTS", "DEAD SINCE", "LAST ERROR"],
      list.letters.map((each) => [
        each.id,
        each.function ?? each.functionId,
        each.reason,
        String(each.attempts),
        each.deadAt,
        each.lastError?.split("\n")[0] ?? "",
      ]),
    ) + (list.more ? "There are more: --limit\n" : ""),
  );
}

export async function showDead(
  deps: CliDeps,
  printer: Printer,
  id: string,
): Promise<void> {
  const letter = await ask(deps, DeadLetter, pathOf(id));
  const { record, message, ...fields } = letter;
  const request = message?.request;
  const rows = Object.entries({
    ...fields,
    ...(message && { source: message.source.type }),
    ...(request && {
      request: `${request.method} ${request.path}`,
      headers: request.headers,
      body: request.body,
    }),
  }).map(([key, value]) => [key, asText(value)]);
  printer.result(
    letter,
    table(["FIELD", "VALUE"], rows) + attemptsTable(record?.attempts ?? []),
  );
}

export async function redriveDead(
  deps: CliDeps,
  printer: Printer,
  id: string | undefined,
  options: DeadBulkOptions,
): Promise<void> {
  if (id === undefined) return await bulk(deps, printer, "redrive", options);
  const redriven = await ask(deps, Redriven, pathOf(id, "/redrive"), {
    method: "POST",
  });
  printer.result(redriven, `${id} runs again as ${redriven.invocationId}`);
}

export async function dropDead(
  deps: CliDeps,
  printer: Printer,
  id: string | undefined,
  options: DeadBulkOptions,
): Promise<void> {
  if (id === undefined) return await bulk(deps, printer, "drop", options);
  await send(deps, pathOf(id), { method: "DELETE" });
  printer.result({ dropped: id }, `${id} is dropped`);
}

async function bulk(
  deps: CliDeps,
  printer: Printer,
  verb: "redrive" | "drop",
  { all, perSecond, ...options }: DeadBulkOptions,
): Promise<void> {
  const { limit: _, ...filter } = filterOf(options);
  if (!all && Object.keys(filter).length === 0) {
    throw new AppError("invalid", `Cannot ${verb}: nothing is named`, {
      hint: "Give an id, a filter such as --reason expired, or --all",
    });
  }
  const result = await ask(deps, DeadBulk, `/api/dead/${verb}`, {
    method: "POST",
    body: JSON.stringify({
      ...filterOf(options),
      perSecond: numberOrNull(perSecond),
    }),
    timeoutMs: 1_100_000,
  });
  const what = verb === "redrive" ? "run again" : "dropped";
  printer.result(
    result,
    `${result.done} ${what}${result.more ? "; there are more" : ""}`,
  );
}

function filterOf(
  { function: name, reason, olderThan, limit }: DeadOptions,
): Record<string, string | number> {
  return {
    ...(name !== undefined && { function: name }),
    ...(reason !== undefined && { reason }),
    ...(olderThan !== undefined && { olderThanMs: parseDelay(olderThan) }),
    ...(limit !== undefined && { limit: numberOrNull(limit) ?? limit }),
  };
}

function pathOf(id: string, rest = ""): string {
  return `/api/dead/${encodeURIComponent(id)}${rest}`;
}
