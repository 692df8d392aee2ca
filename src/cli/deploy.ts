/** `deploy` and `validate`: pack, upload, follow the build. */
import { z } from "zod";
import { Analysis } from "../contracts/deploy.ts";
import { AppError } from "../contracts/error.ts";
import { DeploymentView, FunctionName } from "../contracts/function.ts";
import { parse, parseJson } from "../contracts/parse.ts";
import { fromProblem } from "../contracts/problem.ts";
import { ask, functionPath, queryOf, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { serverEvents } from "./event_stream.ts";
import type { Printer } from "./print.ts";
import { readProject } from "./project.ts";
import { findServer } from "./server.ts";

const DEPLOY_MS = 600_000;

const Step = z.object({ message: z.string() });
const Line = z.object({ line: z.string() });

export interface DeployOptions {
  name?: string | undefined;
  public?: boolean | undefined;
  /** Show the builder's lines too. */
  verbose: boolean;
}

export async function deploy(
  deps: CliDeps,
  printer: Printer,
  path: string,
  options: DeployOptions,
): Promise<void> {
  const { bytes, name, skipped } = await readProject(deps.cwd, path);
  const chosen = chooseName(options.name, name);
  for (const each of skipped) printer.progress(`Left out: ${each} (a link?)`);
  const query = queryOf({ public: options.public });
  const response = await send(
    deps,
    functionPath(chosen, `/deployments${query}`),
    {
      method: "POST",
      body: bytes,
      headers: {
        accept: "text/event-stream",
        "content-type": "application/octet-stream",
      },
      timeoutMs: DEPLOY_MS,
    },
  );
  const view = await follow(response, printer, options.verbose);
  const { url } = await findServer(deps);
  printer.result(
    { ...view, url: `${url}/fn/${view.name}` },
    `${view.name} version ${view.version} is ${view.status}` +
      `${view.class ? ` (class ${view.class}, ${view.file})` : ""}\n` +
      `  ${url}/fn/${view.name}\n`,
  );
}

export async function validate(
  deps: CliDeps,
  printer: Printer,
  path: string,
): Promise<void> {
  const { bytes } = await readProject(deps.cwd, path);
  const analysis = await ask(
    deps,
    Analysis,
    functionPath("validated", "/deployments?dryRun=true"),
    { method: "POST", body: bytes },
  );
  printer.result(
    analysis,
    `ok: class ${analysis.class} in ${analysis.file}:${analysis.line}` +
      `${analysis.logger ? ", with a logger" : ""}`,
  );
}

/** @throws {AppError} why the deploy failed */
async function follow(
  { body }: Response,
  printer: Printer,
  verbose: boolean,
): Promise<DeploymentView> {
  if (!body) throw new AppError("internal", "The server sent no answer");
  for await (const { event, data } of serverEvents(body)) {
    switch (event) {
      case "step":
        printer.progress(`${parseJson(Step, data, "a step").message} …`);
        break;
      case "log":
        if (!verbose) break;
        printer.progress(`  ${parseJson(Line, data, "a line").line}`);
        break;
      case "done":
        return parseJson(DeploymentView, data, "the deployment");
      case "error":
        throw fromProblem(JSON.parse(data));
    }
  }
  throw new AppError("unavailable", "The connection ended before the deploy", {
    hint: "It goes on; see ./oche versions NAME",
  });
}

function chooseName(
  given: string | undefined,
  found: string | undefined,
): string {
  if (given !== undefined) return parse(FunctionName, given, `"${given}"`);
  if (found !== undefined) return found;
  throw new AppError("invalid", "Cannot tell the name of the function", {
    hint: "Give it with --name",
  });
}
