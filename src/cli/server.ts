/** Where the server is and which key opens it: from the environment, or from a stack here. */
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { INBOX } from "../contracts/nats_user.ts";
import { parseJson } from "../contracts/parse.ts";
import type { CliDeps } from "./deps.ts";

export interface Server {
  url: string;
  key: string;
  natsUrl?: string | undefined;
  natsServiceUrl?: string | undefined;
  engineSocket?: string | undefined;
}

/** The part of stack.json that is needed here. */
const StackFile = z.object({
  url: z.string().optional(),
  natsUrl: z.string().optional(),
  natsServiceUrl: z.string().optional(),
  engineSocket: z.string().optional(),
});

/**
 * The environment wins; of a stack here that it names, what it does not say is
 * known too.
 *
 * @throws {AppError} `unavailable` when neither says where a server is
 */
export async function findServer({ env }: CliDeps): Promise<Server> {
  const home = env("OCHE_HOME") ?? ".oche";
  const text = await readIfThere(`${home}/stack.json`);
  const stack = text ? parseJson(StackFile, text, "stack.json") : {};
  const url = env("OCHE_URL")?.replace(/\/$/, "") || stack.url;
  if (!url) throw notFound();
  return {
    ...(url === stack.url ? stack : { natsUrl: env("NATS_URL") }),
    url,
    key: env("OCHE_KEY") || await readIfThere(`${home}/admin.key`) || "",
  };
}

function notFound(): AppError {
  return new AppError("unavailable", "Cannot find a running Oche", {
    hint: "Start one with ./oche up, or set OCHE_URL and OCHE_KEY",
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch {
    return undefined;
  }
}

/** Lines that `eval` takes. */
export function asExports(server: Server): string {
  const variables = {
    OCHE_URL: server.url,
    OCHE_KEY: server.key,
    NATS_URL: server.natsUrl,
    CONTAINER_HOST: server.engineSocket && `unix://${server.engineSocket}`,
  };
  return exportsOf(variables);
}

/** What a service is given: no key, and a user that may invoke and little else. */
export function serviceVariables(
  { natsServiceUrl }: Server,
): Record<string, string> {
  if (!natsServiceUrl) {
    throw new AppError("unavailable", "Cannot say what a service connects as", {
      hint: "Ask where the stack runs: OCHE_URL, if it is set, and OCHE_HOME " +
        "have to be that stack's",
    });
  }
  return { NATS_URL: natsServiceUrl, NATS_INBOX_PREFIX: INBOX.service };
}

export function exportsOf(
  variables: Record<string, string | undefined>,
): string {
  return Object.entries(variables)
    .flatMap(([name, value]) =>
      value ? [`export ${name}=${shellQuote(value)}\n`] : []
    ).join("");
}

export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
