/** How a command is added: its help, its options' schema, and what it does. */
import type { Command } from "commander";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parse } from "../contracts/parse.ts";
import type { CliDeps } from "./deps.ts";
import { createPrinter, type Printer } from "./print.ts";

export interface CommandSpec<Options extends z.ZodType> {
  /** As commander has it: `deploy [path]`. */
  usage: string;
  description: string;
  /** What follows `./oche`. */
  example: string;
  /** Of the options, as the parser leaves them. */
  options?: Options;
}

export interface Call<Options> {
  printer: Printer;
  args: (string | undefined)[];
  options: Options;
}

/** Adds a command with `--json` and an example; the result takes its options. */
export type AddCommand = <Options extends z.ZodType = z.ZodUnknown>(
  spec: CommandSpec<Options>,
  act: (call: Call<z.output<Options>>) => Promise<number | void>,
) => Command;

export const JSON_HELP = "answer in JSON";

/**
 * @param parent The program, or a command that has commands of its own.
 * @param setCode Takes the exit code of a command that has one.
 */
export function commandsOf(
  parent: Command,
  deps: CliDeps,
  setCode: (code: number) => void,
): AddCommand {
  return ({ usage, description, example, options }, act) => {
    const made = parent.command(usage).description(description)
      .option("--json", JSON_HELP)
      .addHelpText("after", `\nExample:\n  ./oche ${example}`);
    made.action(async () => {
      refuseEmpty(made);
      const json = made.optsWithGlobals()["json"] === true;
      const outcome = await act({
        printer: createPrinter(deps, json),
        args: made.processedArgs,
        options: parse(
          options ?? z.unknown(),
          made.opts(),
          "the options",
        ) as z.output<
          NonNullable<typeof options>
        >,
      });
      if (typeof outcome === "number") setCode(outcome);
    });
    return made;
  };
}

/** What a command of one thing does: its first argument names it. */
export function onOne<Options>(
  deps: CliDeps,
  act: (
    deps: CliDeps,
    printer: Printer,
    name: string,
    options: Options,
  ) => Promise<number | void>,
): (call: Call<Options>) => Promise<number | void> {
  return ({ printer, args: [name = ""], options }) =>
    act(deps, printer, name, options);
}

/** An empty name or id would be part of another path. */
function refuseEmpty(command: Command): void {
  const at = command.args.indexOf("");
  if (at < 0) return;
  const { registeredArguments } = command;
  const name = (registeredArguments[at] ?? registeredArguments.at(-1))?.name();
  throw new AppError("invalid", `Cannot take an empty ${name}`, {
    hint: `Usage: ./oche ${pathOf(command)} ${command.usage()}`,
  });
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent
    ? `${pathOf(parent)} ${command.name()}`
    : command.name();
}

/** For an option that may be given again. */
export function append(value: string, before: string[]): string[] {
  return [...before, value];
}
