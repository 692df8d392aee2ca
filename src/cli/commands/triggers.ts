/** The commands of `oche triggers`. */
import { z } from "zod";
import { type AddCommand, append, onOne } from "../command.ts";
import type { CliDeps } from "../deps.ts";
import {
  addTrigger,
  changeTrigger,
  listTriggers,
  removeTrigger,
  rotateSecret,
  settingsOf,
  showTrigger,
} from "../triggers.ts";
import { showNext } from "../trigger_times.ts";

const AddOptions = z.object({
  type: z.string(),
  secret: z.string().optional(),
  event: z.array(z.string()),
  set: z.array(z.string()),
  paused: z.boolean().default(false),
  provider: z.string().optional(),
  mode: z.string().optional(),
  expression: z.string().optional(),
  timeZone: z.string().optional(),
  subject: z.string().optional(),
  stream: z.string().optional(),
});

export function triggerCommands(add: AddCommand, deps: CliDeps): void {
  add(
    {
      usage: "add <function> <name>",
      description: "let something besides a call set a function off",
      example: "triggers add hello gh --type webhook --provider github " +
        "--secret @secret.txt --event push",
      options: AddOptions,
    },
    ({ printer, args: [functionName = "", name = ""], options }) => {
      const { type, secret, event, set, paused, ...settings } = options;
      return addTrigger(deps, printer, functionName, name, {
        ...{ type, secret, event, set, paused, settings },
      });
    },
  )
    .requiredOption("--type <type>", "webhook, cron, subject or chain")
    .option("--provider <provider>", "github, stripe, slack, standard, …")
    .option("--secret <secret>", "a text, @file or @-; made when absent")
    .option("--event <event>", "that runs it; again for more", append, [])
    .option("--mode <mode>", "async, or sync: answer with its answer")
    .option("--expression <cron>", "five fields, or six with seconds")
    .option("--time-zone <name>", "as in Europe/Berlin; UTC unless said")
    .option("--subject <subject>", "of NATS, with * and >")
    .option("--stream <name>", "to read the subject from")
    .option("--set <name=value>", "any setting; again for more", append, [])
    .option("--paused", "not active until resumed");
  add({
    usage: "list [function]",
    description: "list triggers, of all functions unless said",
    example: "triggers list hello",
  }, ({ printer, args: [name] }) => listTriggers(deps, printer, name));
  add({
    usage: "show <name>",
    description: "show a trigger and its settings",
    example: "triggers show gh",
  }, onOne(deps, showTrigger));
  add({
    usage: "remove <name>",
    description: "remove a trigger",
    example: "triggers remove gh",
  }, onOne(deps, removeTrigger));
  add({
    usage: "next <name>",
    description: "tell when a cron trigger fires next, in UTC",
    example: "triggers next daily --count 3",
    options: z.object({ count: z.string().optional() }),
  }, onOne(deps, showNext))
    .option("--count <n>", "how many times, 1 to 100; 5 unless said");
  changeCommands(add, deps);
}

function changeCommands(add: AddCommand, deps: CliDeps): void {
  add(
    {
      usage: "pause <name>",
      description: "keep a trigger without letting it set anything off",
      example: "triggers pause gh",
    },
    ({ printer, args: [name = ""] }) =>
      changeTrigger(deps, printer, name, { enabled: false }, "is paused"),
  );
  add(
    {
      usage: "resume <name>",
      description: "make a paused trigger active again",
      example: "triggers resume gh",
    },
    ({ printer, args: [name = ""] }) =>
      changeTrigger(deps, printer, name, { enabled: true }, "is active"),
  );
  add({
    usage: "set <name> <pairs...>",
    description: "change settings; null goes back to the default",
    example: `triggers set gh 'events=["push","release"]'`,
  }, ({ printer, args: [name = "", given = []] }) =>
    changeTrigger(
      deps,
      printer,
      name,
      settingsOf([given].flat()),
      "is changed",
    ));
  add({
    usage: "rotate <name>",
    description: "give a webhook a new secret; the one before ends later",
    example: "triggers rotate gh --secret @new.txt --previous-seconds 3600",
    options: z.object({
      secret: z.string(),
      previousSeconds: z.string().optional(),
    }),
  }, onOne(deps, rotateSecret))
    .requiredOption("--secret <secret>", "a text, @file or @-")
    .option(
      "--previous-seconds <n>",
      "how long the one before stays good; a day unless said",
    );
}
