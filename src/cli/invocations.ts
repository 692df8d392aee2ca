/** `invocations`: asynchronous ones listed, looked at, cancelled; and `invoke --async`. */
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import {
  type Attempt,
  hasEnded,
  InvocationPage,
  InvocationRecord,
} from "../contracts/invocation.ts";
import { fromProblem } from "../contracts/problem.ts";
import { ask, functionPath, queryOf } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { asText, type Printer, table } from "./print.ts";

/** What a 202 says, as far as it is needed here. */
const Accepted = z.object({
  invocationId: z.string(),
  functionId: z.string(),
  function: z.string(),
  duplicate: z.boolean(),
  url: z.string(),
});

const POLL_MS = 500;

export interface AsyncOptions {
  delay?: string | undefined;
  at?: string | undefined;
  idempotencyKey?: string | undefined;
  /** Until it has ended. */
  wait: boolean;
}

/** Headers of the options. */
export function asyncHeaders(
  { delay, at, idempotencyKey }: AsyncOptions,
): Record<string, string> {
  return {
    ...(delay !== undefined && { "oche-delay": delay }),
    ...(at !== undefined && { "oche-at": at }),
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  };
}

/** @throws {AppError} with `wait`, why it did not succeed */
export async function invokeAsync(
  deps: CliDeps,
  printer: Printer,
  name: string,
  request: { body: string; headers: Record<string, string> },
  { wait }: Pick<AsyncOptions, "wait">,
): Promise<void> {
  const accepted = await ask(
    deps,
    Accepted,
    functionPath(name, "/invoke?mode=async"),
    { method: "POST", ...request },
  );
  const { invocationId, duplicate } = accepted;
  if (!wait) {
    printer.result(
      accepted,
      `${invocationId}${duplicate ? " (accepted before)" : ""}\n` +
        `See ./oche invocations show ${invocationId}`,
    );
    return;
  }
  printer.progress(`Waiting for ${invocationId}`);
  const record = await waitForEnd(deps, invocationId);
  if (record.state !== "succeeded") throw whyNot(record);
  const body = record.result?.body ?? null;
  printer.result(
    record,
    typeof body === "string" ? body : JSON.stringify(body, undefined, 2),
  );
}

async function waitForEnd(
  deps: CliDeps,
  id: string,
): Promise<InvocationRecord> {
  for (;;) {
    const record = await ask(deps, InvocationRecord, pathOf(id));
    if (hasEnded(record.state)) return record;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function whyNot({ id, state, error, result }: InvocationRecord): AppError {
  const hint = `See ./oche invocations show ${id}`;
  if (error) {
    const { code, message } = fromProblem(error);
    return new AppError(code, message, { hint });
  }
  return new AppError(
    "function_failed",
    result
      ? `The invocation is ${state}: the function answered with status ${result.statusCode}`
      : `The invocation is ${state}`,
    { hint },
  );
}

export interface ListOptions {
  state?: string | undefined;
  limit?: string | undefined;
  cursor?: string | undefined;
}

export async function listInvocations(
  deps: CliDeps,
  printer: Printer,
  name: string,
  options: ListOptions,
): Promise<void> {
  const page = await ask(
    deps,
    InvocationPage,
    functionPath(name, `/invocations${queryOf({ ...options })}`),
  );
  const rows = page.invocations.map((each) => [
    each.id,
    each.state,
    String(each.attempt),
    each.source.type,
    each.createdAt,
    each.error?.detail.split("\n")[0] ?? each.notBefore ?? "",
  ]);
  printer.result(
    page,
    rows.length === 0
      ? "None"
      : table(["ID", "STATE", "ATTEMPT", "SOURCE", "ACCEPTED", ""], rows) +
        (page.next === undefined ? "" : `More: --cursor ${page.next}\n`),
  );
}

export async function showInvocation(
  deps: CliDeps,
  printer: Printer,
  id: string,
): Promise<void> {
  const record = await ask(deps, InvocationRecord, pathOf(id));
  const { attempts, result, error, source, callback, ...fields } = record;
  const rows = Object.entries({
    ...fields,
    source: source.type,
    ...(result && { statusCode: result.statusCode, bytes: result.bytes }),
    ...(error && { error: error.detail }),
    ...(callback && { callback: callback.status }),
  }).map(([key, value]) => [key, asText(value)]);
  printer.result(
    record,
    table(["FIELD", "VALUE"], rows) + attemptsTable(attempts),
  );
}

/** Below another table; empty without attempts. */
export function attemptsTable(attempts: Attempt[]): string {
  if (attempts.length === 0) return "";
  return "\n" + table(
    ["ATTEMPT", "STARTED", "ENDED", "STATUS", "FAILURE", "WHY"],
    attempts.map((each) => [
      String(each.attempt),
      each.startedAt,
      each.endedAt ?? "runs",
      String(each.statusCode ?? "-"),
      each.failure ?? "",
      each.error ?? "",
    ]),
  );
}

export async function cancelInvocation(
  deps: CliDeps,
  printer: Printer,
  id: string,
): Promise<void> {
  const record = await ask(deps, InvocationRecord, pathOf(id), {
    method: "DELETE",
  });
  printer.result(record, `${record.id} is ${record.state}`);
}

function pathOf(id: string): string {
  return `/api/invocations/${encodeURIComponent(id)}`;
}
