/** The command line: argv to a call and an exit code. */
import { Command, CommanderError } from "commander";
import { AppError } from "../contracts/error.ts";
import { type AddCommand, commandsOf, JSON_HELP } from "./command.ts";
import { eventCommands } from "./commands/events.ts";
import { deadCommands, invocationCommands } from "./commands/async.ts";
import { functionCommands } from "./commands/functions.ts";
import { keyCommands } from "./commands/keys.ts";
import { stackCommands } from "./commands/stack.ts";
import { triggerCommands } from "./commands/triggers.ts";
import type { CliDeps } from "./deps.ts";
import { EXIT, EXIT_HELP, exitCodeOf } from "./exit_code.ts";
import { createPrinter } from "./print.ts";

/** Commands that have commands of their own. */
const GROUPS: [
  name: string,
  description: string,
  fill: (add: AddCommand, deps: CliDeps) => void,
][] = [
  [
    "invocations",
    "asynchronous invocations: list, show, cancel",
    invocationCommands,
  ],
  [
    "dead",
    "invocations that were given up: list, show, redrive, drop",
    deadCommands,
  ],
  ["keys", "make, list and revoke API keys", keyCommands],
  ["triggers", "what sets functions off besides a call", triggerCommands],
];

/** @returns the exit code */
export async function runCli(argv: string[], deps: CliDeps): Promise<number> {
  let code: number = EXIT.ok;
  const program = build(deps, (outcome) => code = outcome);
  const printer = createPrinter(deps, argv.includes("--json"));
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    if (!(error instanceof AppError)) throw error;
    printer.error(error);
    return exitCodeOf(error.code);
  }
}

/** A group of commands is a function of its own in `commands/`. */
function build(deps: CliDeps, setCode: (code: number) => void): Command {
  const program = new Command("oche")
    .description("Serverless functions in Dart, over HTTP and NATS")
    .version(deps.version)
    .option("--json", JSON_HELP)
    .addHelpText("after", EXIT_HELP);
  const add = commandsOf(program, deps, setCode);
  stackCommands(add, deps);
  functionCommands(add, deps);
  eventCommands(add, deps);
  for (const [name, description, fill] of GROUPS) {
    const group = program.command(name).description(description)
      .option("--json", JSON_HELP);
    fill(commandsOf(group, deps, setCode), deps);
  }
  silence(program, deps);
  return program;
}

/** Nothing ends the process or writes past what was given; errors name the help. */
function silence(command: Command, deps: CliDeps, path = "./oche"): void {
  command.exitOverride().configureOutput({
    writeOut: deps.stdout,
    writeErr: deps.stderr,
  }).showHelpAfterError(`  See ${path} --help`);
  for (const each of command.commands) {
    silence(each, deps, `${path} ${each.name()}`);
  }
}
