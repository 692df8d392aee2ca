/** `list`, `show`, `versions`, `rollback`, `delete`, `logs`, `env`. */
import { z } from "zod";
import { FunctionView, VersionRecord } from "../contracts/function.ts";
import { LogList } from "../contracts/log.ts";
import { ask, functionPath, queryOf, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { asText, type Printer, table } from "./print.ts";
import {
  asExports,
  exportsOf,
  findServer,
  serviceVariables,
} from "./server.ts";

const FunctionList = z.object({ functions: z.array(FunctionView) });
const VersionList = z.object({ versions: z.array(VersionRecord) });

export async function list(deps: CliDeps, printer: Printer): Promise<void> {
  const answer = await ask(deps, FunctionList, "/api/functions");
  printer.result(
    answer,
    answer.functions.length === 0
      ? "Nothing is deployed yet: try ./oche deploy examples/hello"
      : table(
        ["NAME", "VERSION", "STATUS", "PUBLIC", "CHANGED"],
        answer.functions.map((each) => [
          each.name,
          String(each.current ?? "-"),
          each.status,
          each.public ? "yes" : "no",
          each.updatedAt,
        ]),
      ),
  );
}

export async function show(
  deps: CliDeps,
  printer: Printer,
  name: string,
): Promise<void> {
  const view = await ask(deps, FunctionView, functionPath(name));
  const { settings, ...fields } = view;
  const rows = Object.entries({ ...fields, ...settings })
    .map(([key, value]) => [key, asText(value)]);
  printer.result(view, table(["FIELD", "VALUE"], rows));
}

export async function versions(
  deps: CliDeps,
  printer: Printer,
  name: string,
): Promise<void> {
  const answer = await ask(deps, VersionList, functionPath(name, "/versions"));
  printer.result(
    answer,
    table(
      ["VERSION", "STATUS", "CLASS", "MADE", "WHY"],
      answer.versions.map((each) => [
        String(each.version),
        each.status,
        each.class ?? "-",
        each.createdAt,
        each.problem?.detail.split("\n")[0] ?? "",
      ]),
    ),
  );
}

export async function rollback(
  deps: CliDeps,
  printer: Printer,
  name: string,
  version: number | undefined,
): Promise<void> {
  const view = await ask(deps, FunctionView, functionPath(name, "/rollback"), {
    method: "POST",
    body: JSON.stringify(version === undefined ? {} : { version }),
  });
  printer.result(view, `${view.name} serves version ${view.current}`);
}

export async function remove(
  deps: CliDeps,
  printer: Printer,
  name: string,
): Promise<void> {
  await send(deps, functionPath(name), { method: "DELETE" });
  printer.result({ deleted: name }, `${name} is deleted`);
}

export async function logs(
  deps: CliDeps,
  printer: Printer,
  name: string,
  { limit }: { limit?: string | undefined },
): Promise<void> {
  const path = functionPath(name, `/logs${queryOf({ limit })}`);
  const answer = await ask(deps, LogList, path);
  printer.result(
    answer,
    answer.logs.map(({ timestamp, level, version, message, metadata }) =>
      `${timestamp} ${level.padEnd(5)} v${version} ${message}` +
      `${metadata ? ` ${JSON.stringify(metadata)}` : ""}\n`
    ).join(""),
  );
}

export async function env(
  deps: CliDeps,
  printer: Printer,
  { service = false } = {},
): Promise<void> {
  const server = await findServer(deps);
  if (service) {
    const variables = serviceVariables(server);
    printer.result(variables, exportsOf(variables));
    return;
  }
  printer.result(
    {
      OCHE_URL: server.url,
      OCHE_KEY: server.key,
      NATS_URL: server.natsUrl,
    },
    asExports(server),
  );
}
