/** `invoke`: one call, through the envelope or as it is. */
import { Envelope } from "../contracts/cloud.ts";
import { AppError } from "../contracts/error.ts";
import { ask, functionPath, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import type { Printer } from "./print.ts";

export interface InvokeOptions {
  data?: string | undefined;
  method?: string | undefined;
  path?: string | undefined;
  header: string[];
  query: string[];
  fnVersion?: string | undefined;
  /** Through /fn/…: the answer's body and nothing else. */
  raw: boolean;
}

export async function invoke(
  deps: CliDeps,
  printer: Printer,
  name: string,
  options: InvokeOptions,
): Promise<void> {
  const headers = pairs(options.header, ":", "--header");
  const query = pairs(options.query, "=", "--query");
  const text = await readData(deps, options.data);
  const version = options.fnVersion !== undefined &&
    { "oche-version": options.fnVersion };
  if (options.raw) {
    const search = new URLSearchParams(query).toString();
    const path = options.path ?? "";
    const response = await send(
      deps,
      `/fn/${encodeURIComponent(name)}${path}${search && `?${search}`}`,
      {
        method: options.method ?? (text === undefined ? "GET" : "POST"),
        headers: {
          ...(text !== undefined && { "content-type": "application/json" }),
          ...headers,
          ...version,
        },
        ...(text !== undefined && { body: text }),
      },
    );
    deps.stdout(await response.text());
    return;
  }
  const envelope = await ask(deps, Envelope, functionPath(name, "/invoke"), {
    method: "POST",
    body: JSON.stringify({
      ...(options.method !== undefined && { method: options.method }),
      ...(options.path !== undefined && { path: options.path }),
      headers,
      query,
      body: text === undefined ? null : asValue(text),
    }),
    headers: { "content-type": "application/json", ...version },
  });
  for (const { level, message } of envelope.logs) {
    printer.progress(`${level.padEnd(5)} ${message}`);
  }
  if (envelope.statusCode >= 400) {
    printer.progress(
      `The function answered with status ${envelope.statusCode}`,
    );
  }
  const { body } = envelope;
  printer.result(
    envelope,
    typeof body === "string" ? body : JSON.stringify(body, undefined, 2),
  );
}

/** `@file` and `@-` name where the data is. */
async function readData(
  { cwd }: CliDeps,
  data: string | undefined,
): Promise<string | undefined> {
  if (!data?.startsWith("@")) return data;
  if (data === "@-") return await new Response(Deno.stdin.readable).text();
  const path = data.slice(1);
  try {
    return await Deno.readTextFile(
      path.startsWith("/") ? path : `${cwd}/${path}`,
    );
  } catch (cause) {
    throw new AppError("not_found", `Cannot read "${path}"`, {
      hint: "Give --data JSON, --data @file or --data @-",
      cause,
    });
  }
}

/** JSON when it is that, else the text itself. */
function asValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pairs(
  given: string[],
  separator: string,
  flag: string,
): Record<string, string> {
  return Object.fromEntries(given.map((each) => {
    const at = each.indexOf(separator);
    if (at > 0) return [each.slice(0, at).trim(), each.slice(at + 1).trim()];
    throw new AppError("invalid", `Cannot read ${flag} "${each}"`, {
      hint: `Write it as name${separator}value`,
    });
  }));
}
