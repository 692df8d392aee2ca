/** The command `events`. */
import { z } from "zod";
import type { AddCommand } from "../command.ts";
import type { CliDeps } from "../deps.ts";
import { showEvents } from "../events.ts";

export function eventCommands(add: AddCommand, deps: CliDeps): void {
  add(
    {
      usage: "events",
      description: "show what happened to functions and triggers",
      example: "events --follow --type 'function.*'",
      options: z.object({
        follow: z.boolean().default(false),
        type: z.string().optional(),
        limit: z.string().optional(),
      }),
    },
    ({ printer, options }) => showEvents(deps, printer, options),
  )
    .option("-f, --follow", "those to come, until you end it")
    .option("--type <type>", "as in function.deployed or trigger.*")
    .option("--limit <n>", "how many of the newest");
}
