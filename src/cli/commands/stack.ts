/** Commands that need no server: they start, measure, test or examine this one. */
import { z } from "zod";
import type { AddCommand } from "../command.ts";
import type { CliDeps } from "../deps.ts";
import { env } from "../manage.ts";
import { showStorage } from "../storage.ts";

export function stackCommands(add: AddCommand, deps: CliDeps): void {
  const { stack } = deps;
  add({
    usage: "up",
    description: "start everything here, and call a first function",
    example: "up",
    options: z.object({
      once: z.boolean().default(false),
      detach: z.boolean().default(false),
    }),
  }, ({ options }) => stack.up(options))
    .option("--once", "end after the first answer")
    .option("-d, --detach", "run in the background");
  add({
    usage: "down",
    description: "end what runs here",
    example: "down",
  }, () => stack.down());
  add({
    usage: "test [filter]",
    description: "run the test suite",
    example: "test",
    options: z.object({ long: z.boolean().default(false) }),
  }, ({ args: [filter], options: { long } }) => stack.test({ filter, long }))
    .option("--long", "with the full corpora, loads and soaks: about an hour");
  add({
    usage: "bench",
    description: "measure this machine against floors of the same run",
    example: "bench --quick --engine docker",
    options: z.object({
      quick: z.boolean().default(false),
      engine: z.string().optional(),
      out: z.string(),
    }),
  }, ({ options }) => stack.bench(options))
    .option("--quick", "in under a minute, with few samples")
    .option("--engine <engine>", "as OCHE_ENGINE; the default is podman")
    .option("--out <folder>", "where JSON and HTML go", ".oche/bench");
  add({
    usage: "doctor",
    description: "look at every part, and say what to do",
    example: "doctor",
  }, ({ printer: { json } }) => stack.doctor({ json }));
  add({
    usage: "storage",
    description: "show what is stored, and what bounds it",
    example: "storage",
  }, ({ printer }) => showStorage(deps, printer));
  add({
    usage: "env",
    description: "print shell exports of URL, key and NATS_URL",
    example: 'env   # as in: eval "$(./oche env)"',
    options: z.object({ service: z.boolean().default(false) }),
  }, ({ printer, options }) => env(deps, printer, options))
    .option("--service", "for a service that invokes: its NATS_URL alone");
}
