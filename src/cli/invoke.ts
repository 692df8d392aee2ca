/** `invoke`: one call, through the envelope or as it is. */
import { Envelope } from "../contracts/cloud.ts";
import { ask, functionPath, queryOf, send } from "./client.ts";
import { asyncHeaders, type AsyncOptions, invokeAsync } from "./invocations.ts";
import type { CliDeps } from "./deps.ts";
import { asValue, pairs, readText } from "./input.ts";
import type { Printer } from "./print.ts";
import { signatureHeaders } from "./signing.ts";

export interface InvokeOptions extends AsyncOptions {
  /** Accepted now, run later. */
  async: boolean;
  data?: string | undefined;
  method?: string | undefined;
  path?: string | undefined;
  header: string[];
  query: string[];
  fnVersion?: string | undefined;
  /** Through /fn/…: the answer's body and nothing else. */
  raw: boolean;
  /** With the secret of the environment. */
  sign: boolean;
}

export async function invoke(
  deps: CliDeps,
  printer: Printer,
  name: string,
  options: InvokeOptions,
): Promise<void> {
  const headers = pairs(options.header, ":", "--header");
  const query = pairs(options.query, "=", "--query");
  const text = await readText(deps, options.data, "--data");
  const version = options.fnVersion !== undefined &&
    { "oche-version": options.fnVersion };
  if (options.raw) {
    const path = options.path ?? "";
    const response = await send(
      deps,
      `/fn/${encodeURIComponent(name)}${path}${queryOf(query)}`,
      {
        method: options.method ?? (text === undefined ? "GET" : "POST"),
        headers: {
          ...(text !== undefined && { "content-type": "application/json" }),
          ...headers,
          ...version,
          ...(options.sign && signatureHeaders(deps, text ?? "")),
        },
        ...(text !== undefined && { body: text }),
      },
    );
    deps.stdout(await response.text());
    return;
  }
  const body = JSON.stringify({
    ...(options.method !== undefined && { method: options.method }),
    ...(options.path !== undefined && { path: options.path }),
    headers,
    query,
    body: text === undefined ? null : asValue(text),
  });
  const asked = {
    body,
    headers: {
      "content-type": "application/json",
      ...version,
      ...asyncHeaders(options),
      ...(options.sign && signatureHeaders(deps, body)),
    },
  };
  if (options.async) {
    return await invokeAsync(deps, printer, name, asked, options);
  }
  const envelope = await ask(deps, Envelope, functionPath(name, "/invoke"), {
    method: "POST",
    ...asked,
  });
  for (const { level, message } of envelope.logs) {
    printer.progress(`${level.padEnd(5)} ${message}`);
  }
  if (envelope.statusCode >= 400) {
    printer.progress(
      `The function answered with status ${envelope.statusCode}`,
    );
  }
  const { body: answer } = envelope;
  printer.result(
    envelope,
    typeof answer === "string" ? answer : JSON.stringify(answer, undefined, 2),
  );
}
