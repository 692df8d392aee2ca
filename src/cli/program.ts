/** The command line: argv to a call and an exit code. */
import { Command, CommanderError } from "commander";
import { AppError } from "../contracts/error.ts";
import { commandsOf } from "./command.ts";
import { eventCommands } from "./commands/events.ts";
import { deadCommands, invocationCommands } from "./commands/async.ts";
import { functionCommands } from "./commands/functions.ts";
import { keyCommands } from "./commands/keys.ts";
import { stackCommands } from "./commands/stack.ts";
import { triggerCommands } from "./commands/triggers.ts";
import type { CliDeps } from "./deps.ts";
import { EXIT, EXIT_HELP, exitCodeOf } from "./exit_code.ts";
import { createPrinter } from "./print.ts";

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
    .option("--json", "answer in JSON")
    .addHelpText("after", EXIT_HELP);
  const add = commandsOf(program, deps, setCode);
  stackCommands(add, deps);
  functionCommands(add, deps);
  eventCommands(add, deps);
  const invocations = program.command("invocations")
    .description("asynchronous invocations: list, show, cancel");
  invocationCommands(commandsOf(invocations, deps, setCode), deps);
  const dead = program.command("dead")
    .description("invocations that were given up: list, redrive, drop");
  deadCommands(commandsOf(dead, deps, setCode), deps);
  const keys = program.command("keys")
    .description("make, list and revoke API keys");
  keyCommands(commandsOf(keys, deps, setCode), deps);
  const triggers = program.command("triggers")
    .description("what sets functions off besides a call");
  triggerCommands(commandsOf(triggers, deps, setCode), deps);
  silence(program, deps);
  return program;
}

/** Nothing ends the process or writes past what was given. */
function silence(command: Command, deps: CliDeps): void {
  command.exitOverride().configureOutput({
    writeOut: deps.stdout,
    writeErr: deps.stderr,
  });
  for (const each of command.commands) silence(each, deps);
}
