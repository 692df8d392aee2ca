/** `oche configure`: how a function's sandboxes are kept, and its work is run. */
import { FunctionView } from "../contracts/function.ts";
import { ask, functionPath } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { flowChange, type FlowFlags, numberOrNull } from "./flow_flags.ts";
import { asText, type Printer, table } from "./print.ts";

/** What `configure` may say; `default` unsets. */
export interface ConfigureFlags extends FlowFlags {
  isolation?: string | undefined;
  minWarm?: string | undefined;
  maxConcurrency?: string | undefined;
  idleMs?: string | undefined;
  network?: string | undefined;
  public?: boolean | undefined;
  signed?: boolean | undefined;
  events?: boolean | undefined;
}

export async function configure(
  deps: CliDeps,
  printer: Printer,
  name: string,
  { isolation, minWarm, maxConcurrency, idleMs, network, ...flags }:
    ConfigureFlags,
): Promise<void> {
  const view = await ask(deps, FunctionView, functionPath(name), {
    method: "PATCH",
    body: JSON.stringify({
      ...flags,
      isolation: isolation === "default" ? null : isolation,
      network: network === "default" ? null : network,
      minWarm: numberOrNull(minWarm),
      maxConcurrency: numberOrNull(maxConcurrency),
      idleMs: numberOrNull(idleMs),
      ...flowChange(flags),
    }),
  });
  const settings = Object.entries(view.settings)
    .map(([key, value]) => [key, asText(value)]);
  printer.result(
    view,
    `${view.name} is ${view.public ? "public" : "private"}\n` +
      (settings.length === 0
        ? "All settings have their defaults\n"
        : table(["SETTING", "VALUE"], settings)),
  );
}
