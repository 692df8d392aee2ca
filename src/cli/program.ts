/** The table of commands: argv to a call and an exit code. */
import { Command, CommanderError } from "commander";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parse } from "../contracts/parse.ts";
import { configure } from "./configure.ts";
import { deploy, validate } from "./deploy.ts";
import type { CliDeps } from "./deps.ts";
import { EXIT, EXIT_HELP, exitCodeOf } from "./exit_code.ts";
import { init, TEMPLATES } from "./init.ts";
import { invoke } from "./invoke.ts";
import { env, list, logs, remove, rollback, show, versions } from "./manage.ts";
import { createPrinter, type Printer } from "./print.ts";

/** Every option of every command, as the parser leaves it. */
const Options = z.object({
  once: z.boolean().default(false),
  detach: z.boolean().default(false),
  json: z.boolean().default(false),
  template: z.string().default("hello"),
  name: z.string().optional(),
  public: z.boolean().optional(),
  data: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  header: z.array(z.string()).default([]),
  query: z.array(z.string()).default([]),
  fnVersion: z.string().optional(),
  raw: z.boolean().default(false),
  verbose: z.boolean().default(false),
  limit: z.string().optional(),
  quick: z.boolean().default(false),
  engine: z.string().optional(),
  out: z.string().default(".oche/bench"),
  isolation: z.string().optional(),
  minWarm: z.string().optional(),
  maxConcurrency: z.string().optional(),
  idleMs: z.string().optional(),
});
type Options = z.output<typeof Options>;

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

function build(deps: CliDeps, setCode: (code: number) => void): Command {
  const { stack } = deps;
  const program = new Command("oche")
    .description("Serverless functions in Dart, over HTTP and NATS")
    .version(deps.version)
    .option("--json", "answer in JSON")
    .addHelpText("after", EXIT_HELP);

  /** A command with `--json`, an example, and an action that gets a printer. */
  function command(
    usage: string,
    description: string,
    example: string,
    act: (
      printer: Printer,
      args: (string | undefined)[],
      options: Options,
    ) => Promise<number | void>,
  ): Command {
    const made = program.command(usage).description(description)
      .option("--json", "answer in JSON")
      .addHelpText("after", `\nExample:\n  ./oche ${example}`);
    made.action(async () => {
      const json = made.optsWithGlobals()["json"] === true;
      const printer = createPrinter(deps, json);
      const options = parse(Options, made.opts(), "the options");
      const outcome = await act(printer, made.processedArgs, options);
      if (typeof outcome === "number") setCode(outcome);
    });
    return made;
  }

  command("up", "start everything here, and call a first function", "up", (
    _printer,
    _args,
    { once, detach },
  ) => stack.up({ once, detach }))
    .option("--once", "end after the first answer")
    .option("-d, --detach", "run in the background");
  command("down", "end what runs here", "down", () => stack.down());
  command(
    "test [filter]",
    "run the test suite",
    "test",
    (_printer, [filter]) => stack.test(filter),
  );
  command(
    "bench",
    "measure this machine against floors of the same run",
    "bench --quick --engine docker",
    (_printer, _args, options) => stack.bench(options),
  )
    .option("--quick", "in under a minute, with few samples")
    .option("--engine <engine>", "as OCHE_ENGINE; the default is podman")
    .option("--out <folder>", "where JSON and HTML go", ".oche/bench");
  command(
    "doctor",
    "look at every part, and say what to do",
    "doctor",
    ({ json }) => stack.doctor({ json }),
  );
  command(
    "init <name>",
    "write a function that deploys as it is",
    "init my-function --template logger",
    (printer, [name = ""], { template }) => init(deps, printer, name, template),
  ).option("--template <name>", TEMPLATES.join(", "), "hello");
  command(
    "deploy [path]",
    "deploy a folder or an archive",
    "deploy examples/hello",
    (printer, [path = "."], options) => deploy(deps, printer, path, options),
  )
    .option("--name <name>", "instead of the one in pubspec.yaml")
    .option("--public", "callable at /fn without a key")
    .option("--no-public", "callable with a key alone")
    .option("--verbose", "show what compiler and builder say");
  command(
    "validate [path]",
    "analyse a folder or an archive without deploying it",
    "validate examples/hello",
    (printer, [path = "."]) => validate(deps, printer, path),
  );
  command(
    "invoke <name>",
    "call a function",
    `invoke hello --data '{"name":"Ada"}'`,
    (printer, [name = ""], options) => invoke(deps, printer, name, options),
  )
    .option("--data <data>", "JSON or text, @file, or @- for standard input")
    .option("--method <method>", "POST unless said")
    .option("--path <path>", "/ unless said")
    .option("--header <name:value>", "again for more", append, [])
    .option("--query <name=value>", "again for more", append, [])
    .option("--fn-version <n>", "a version instead of the current one")
    .option("--raw", "through /fn, the body alone");
  command("list", "list functions", "list", (printer) => list(deps, printer));
  command(
    "show <name>",
    "show a function",
    "show hello",
    (printer, [name = ""]) => show(deps, printer, name),
  );
  command(
    "versions <name>",
    "list the versions of a function",
    "versions hello",
    (printer, [name = ""]) => versions(deps, printer, name),
  );
  command(
    "rollback <name> [version]",
    "let an older version serve",
    "rollback hello 1",
    (printer, [name = "", version]) =>
      rollback(deps, printer, name, readVersion(version)),
  );
  command(
    "configure <name>",
    "set how a function's sandboxes are kept; default unsets",
    "configure hello --min-warm 1 --isolation single-use",
    (printer, [name = ""], options) => configure(deps, printer, name, options),
  )
    .option("--isolation <kind>", "reuse or single-use")
    .option("--min-warm <n>", "sandboxes kept ready")
    .option("--max-concurrency <n>", "calls at once; the others wait")
    .option("--idle-ms <ms>", "how long a sandbox is kept for the next call")
    .option("--public", "callable at /fn without a key")
    .option("--no-public", "callable with a key alone");
  command(
    "delete <name>",
    "delete a function with all of its versions",
    "delete hello",
    (printer, [name = ""]) => remove(deps, printer, name),
  );
  command(
    "logs <name>",
    "show the newest log lines of a function",
    "logs hello --limit 20",
    (printer, [name = ""], { limit }) => logs(deps, printer, name, limit),
  ).option("--limit <n>", "how many lines");
  command(
    "env",
    "print shell exports of URL, key and NATS_URL",
    'env   # as in: eval "$(./oche env)"',
    (printer) => env(deps, printer),
  );
  for (const each of [program, ...program.commands]) {
    each.exitOverride().configureOutput({
      writeOut: deps.stdout,
      writeErr: deps.stderr,
    });
  }
  return program;
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}

function readVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new AppError("invalid", `Cannot read the version "${text}"`, {
    hint: "Versions are whole numbers from 1",
  });
}
