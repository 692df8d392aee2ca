/** `oche triggers …`: what sets functions off besides a call. */
import { z } from "zod";
import { TriggerCreated, TriggerView } from "../contracts/trigger.ts";
import { ask, functionPath, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { asValue, pairs, readText } from "./input.ts";
import { type Printer, table } from "./print.ts";

const TriggerList = z.object({ triggers: z.array(TriggerView) });

export interface AddFlags {
  type: string;
  /** Settings that have no flag of their own, each `name=value`. */
  set: string[];
  secret?: string | undefined;
  event: string[];
  paused: boolean;
  /** Flags that are named as the setting is. */
  settings: Record<string, string | undefined>;
}

/** The path of a trigger, whichever function it is of. */
export function triggerPath(name: string, rest = ""): string {
  return `/api/triggers/${encodeURIComponent(name)}${rest}`;
}

export async function addTrigger(
  deps: CliDeps,
  printer: Printer,
  functionName: string,
  name: string,
  { type, set, secret, event, paused, settings }: AddFlags,
): Promise<void> {
  const created = await ask(
    deps,
    TriggerCreated,
    functionPath(functionName, "/triggers"),
    {
      method: "POST",
      body: JSON.stringify({
        name,
        type,
        ...settings,
        secret: await readSecret(deps, secret),
        ...(event.length > 0 && { events: event }),
        ...(paused && { enabled: false }),
        ...settingsOf(set),
      }),
    },
  );
  printer.result(
    created,
    `${created.name} is added: ${created.url}\n` +
      (created.secret === undefined
        ? ""
        : `Its secret, shown this once: ${created.secret}\n`),
  );
}

export async function listTriggers(
  deps: CliDeps,
  printer: Printer,
  functionName: string | undefined,
): Promise<void> {
  const path = functionName === undefined
    ? "/api/triggers"
    : functionPath(functionName, "/triggers");
  const answer = await ask(deps, TriggerList, path);
  printer.result(
    answer,
    answer.triggers.length === 0 ? "No triggers" : table(
      ["NAME", "TYPE", "FUNCTION", "STATE", "WHAT"],
      answer.triggers.map((each) => [
        each.name,
        each.type,
        each.function,
        each.enabled ? "active" : "paused",
        summary(each),
      ]),
    ),
  );
}

export async function showTrigger(
  deps: CliDeps,
  printer: Printer,
  name: string,
): Promise<void> {
  const view = await ask(deps, TriggerView, triggerPath(name));
  const rows = Object.entries(view).map(([key, value]) => [
    key,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  printer.result(view, table(["FIELD", "VALUE"], rows));
}

export async function removeTrigger(
  deps: CliDeps,
  printer: Printer,
  name: string,
): Promise<void> {
  await send(deps, triggerPath(name), { method: "DELETE" });
  printer.result({ removed: name }, `${name} is removed`);
}

export async function changeTrigger(
  deps: CliDeps,
  printer: Printer,
  name: string,
  change: Record<string, unknown>,
  done: string,
): Promise<void> {
  const view = await ask(deps, TriggerView, triggerPath(name), {
    method: "PATCH",
    body: JSON.stringify(change),
  });
  printer.result(view, `${view.name} ${done}`);
}

export async function rotateSecret(
  deps: CliDeps,
  printer: Printer,
  name: string,
  { secret, previousSeconds }: {
    secret: string;
    previousSeconds?: string | undefined;
  },
): Promise<void> {
  await changeTrigger(deps, printer, name, {
    secret: await readSecret(deps, secret),
    previousSecretSeconds: previousSeconds && asValue(previousSeconds),
  }, "has a new secret");
}

/** `name=value` each; a value that is JSON counts as that. */
export function settingsOf(set: string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(pairs(set, "=", "--set"))
      .map(([name, value]) => [name, asValue(value)]),
  );
}

/** A file's last line break is not of the secret. */
async function readSecret(
  deps: CliDeps,
  secret: string | undefined,
): Promise<string | undefined> {
  return (await readText(deps, secret, "--secret"))?.replace(/\r?\n$/, "");
}

/** What a trigger waits for, in a few words. */
function summary(view: TriggerView): string {
  const parts = view.type === "webhook"
    ? [view["provider"], view.url]
    : ["expression", "timeZone", "subject", "stream", "on", "to"]
      .map((name) => view[name]);
  return parts.filter((part) => part !== undefined)
    .map((part) => typeof part === "string" ? part : JSON.stringify(part))
    .join(" ");
}
