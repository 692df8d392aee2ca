/** Commands about asynchronous invocations and dead letters. */
import type { Command } from "commander";
import { z } from "zod";
import { DEAD_REASONS } from "../../contracts/invocation.ts";
import { type AddCommand, onOne } from "../command.ts";
import { dropDead, listDead, redriveDead, showDead } from "../dead.ts";
import type { CliDeps } from "../deps.ts";
import {
  cancelInvocation,
  listInvocations,
  showInvocation,
} from "../invocations.ts";

const ListOptions = z.object({
  state: z.string().optional(),
  limit: z.string().optional(),
  cursor: z.string().optional(),
});

const DeadOptions = z.object({
  function: z.string().optional(),
  reason: z.string().optional(),
  olderThan: z.string().optional(),
  limit: z.string().optional(),
});

const BulkOptions = DeadOptions.extend({
  all: z.boolean().default(false),
  perSecond: z.string().optional(),
});

export function invocationCommands(add: AddCommand, deps: CliDeps): void {
  add({
    usage: "list <name>",
    description: "list the asynchronous invocations of a function",
    example: "invocations list hello --state dead",
    options: ListOptions,
  }, onOne(deps, listInvocations))
    .option("--state <state>", "queued, running, retrying, succeeded …")
    .option("--limit <n>", "how many")
    .option("--cursor <cursor>", "what the page before ended with");
  add({
    usage: "show <id>",
    description: "show an asynchronous invocation with its attempts",
    example: "invocations show 9b2f3c1e-0000-4000-8000-000000000000",
  }, onOne(deps, showInvocation));
  add({
    usage: "cancel <id>",
    description: "keep it from running, or end it",
    example: "invocations cancel 9b2f3c1e-0000-4000-8000-000000000000",
  }, onOne(deps, cancelInvocation));
}

export function deadCommands(add: AddCommand, deps: CliDeps): void {
  filtered(add(
    {
      usage: "list",
      description: "list dead letters, oldest first",
      example: "dead list --reason exhausted --older-than P1D",
      options: DeadOptions,
    },
    ({ printer, options }) => listDead(deps, printer, options),
  ));
  add({
    usage: "show <id>",
    description: "show a dead letter with what was asked",
    example: "dead show 9b2f3c1e-0000-4000-8000-000000000000",
  }, onOne(deps, showDead));
  many(add(
    {
      usage: "redrive [id]",
      description: "run one again, or those of a filter",
      example: "dead redrive --function hello --per-second 20",
      options: BulkOptions,
    },
    ({ printer, args: [id], options }) =>
      redriveDead(deps, printer, id, options),
  ));
  many(add(
    {
      usage: "drop [id]",
      description: "drop one, or those of a filter",
      example: "dead drop --older-than P7D",
      options: BulkOptions,
    },
    ({ printer, args: [id], options }) => dropDead(deps, printer, id, options),
  ));
}

function filtered(command: Command): Command {
  return command
    .option("--function <name>", "of a function, by name or id")
    .option("--reason <reason>", DEAD_REASONS.join(", "))
    .option("--older-than <delay>", "seconds, or a duration such as P1D")
    .option("--limit <n>", "how many at most");
}

function many(command: Command): Command {
  return filtered(command)
    .option("--all", "without a filter")
    .option("--per-second <n>", "how many a second at most");
}
