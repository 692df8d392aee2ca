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

/** @throws {AppError} `unavailable` when neither says where a server is */
export async function findServer({ env }: CliDeps): Promise<Server> {
  const url = env("OCHE_URL");
  const key = env("OCHE_KEY") || undefined;
  const home = env("OCHE_HOME") ?? ".oche";
  if (url) {
    return {
      url: url.replace(/\/$/, ""),
      key: key ?? await readIfThere(`${home}/admin.key`) ?? "",
      natsUrl: env("NATS_URL"),
    };
  }
  const text = await readIfThere(`${home}/stack.json`);
  const stack = text ? parseJson(StackFile, text, "stack.json") : {};
  if (!stack.url) throw notFound();
  return {
    ...stack,
    url: stack.url,
    key: key ?? await readIfThere(`${home}/admin.key`) ?? "",
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
      hint: "Ask where the stack runs, without OCHE_URL in the environment",
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
