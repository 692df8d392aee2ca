/** Commands about functions: written, deployed, called, looked after. */
import { z } from "zod";
import { AppError } from "../../contracts/error.ts";
import { type AddCommand, append, onOne } from "../command.ts";
import { configure } from "../configure.ts";
import { deploy, validate } from "../deploy.ts";
import type { CliDeps } from "../deps.ts";
import { init, TEMPLATES } from "../init.ts";
import { invoke } from "../invoke.ts";
import { list, logs, remove, rollback, show, versions } from "../manage.ts";
import { removeSigningSecret, signingSecret } from "../signing.ts";

const DeployOptions = z.object({
  name: z.string().optional(),
  public: z.boolean().optional(),
  verbose: z.boolean().default(false),
});

const InvokeOptions = z.object({
  data: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  header: z.array(z.string()),
  query: z.array(z.string()),
  fnVersion: z.string().optional(),
  raw: z.boolean().default(false),
  sign: z.boolean().default(false),
  async: z.boolean().default(false),
  delay: z.string().optional(),
  at: z.string().optional(),
  idempotencyKey: z.string().optional(),
  wait: z.boolean().default(false),
});

const ConfigureOptions = z.object({
  retry: z.string().optional(),
  concurrencyKey: z.string().optional(),
  keyConcurrency: z.string().optional(),
  rate: z.string().optional(),
  debounceMs: z.string().optional(),
  priority: z.string().optional(),
  isolation: z.string().optional(),
  minWarm: z.string().optional(),
  maxConcurrency: z.string().optional(),
  idleMs: z.string().optional(),
  network: z.string().optional(),
  public: z.boolean().optional(),
  signed: z.boolean().optional(),
  events: z.boolean().optional(),
});

export function functionCommands(add: AddCommand, deps: CliDeps): void {
  add({
    usage: "init <name>",
    description: "write a function that deploys as it is",
    example: "init my-function --template logger",
    options: z.object({ template: z.string() }),
  }, onOne(deps, init))
    .option("--template <name>", TEMPLATES.join(", "), "hello");
  add(
    {
      usage: "deploy [path]",
      description: "deploy a folder or an archive",
      example: "deploy examples/hello",
      options: DeployOptions,
    },
    ({ printer, args: [path = "."], options }) =>
      deploy(deps, printer, path, options),
  )
    .option("--name <name>", "instead of the one in pubspec.yaml")
    .option("--public", "callable at /fn without a key")
    .option("--no-public", "callable with a key alone")
    .option("--verbose", "show what compiler and builder say");
  add({
    usage: "validate [path]",
    description: "analyse a folder or an archive without deploying it",
    example: "validate examples/hello",
  }, ({ printer, args: [path = "."] }) => validate(deps, printer, path));
  add({
    usage: "invoke <name>",
    description: "call a function",
    example: `invoke hello --data '{"name":"Ada"}'`,
    options: InvokeOptions,
  }, onOne(deps, invoke))
    .option("--data <data>", "JSON or text, @file, or @- for standard input")
    .option("--method <method>", "POST unless said")
    .option("--path <path>", "/ unless said")
    .option("--header <name:value>", "again for more", append, [])
    .option("--query <name=value>", "again for more", append, [])
    .option("--fn-version <n>", "a version instead of the current one")
    .option("--raw", "through /fn, the body alone")
    .option("--sign", "with the secret in OCHE_SIGNING_SECRET")
    .option("--async", "accept it now, run it later, try it again")
    .option("--delay <delay>", "with --async: seconds, or such as PT5M")
    .option("--at <time>", "with --async: such as 2030-01-31T12:00:00Z")
    .option("--idempotency-key <key>", "with --async: the same one runs once")
    .option("--wait", "with --async: until it has ended");
  add({
    usage: "configure <name>",
    description: "set how a function's sandboxes are kept; default unsets",
    example: "configure hello --min-warm 1 --isolation single-use",
    options: ConfigureOptions,
  }, onOne(deps, configure))
    .option("--isolation <kind>", "reuse or single-use")
    .option("--min-warm <n>", "sandboxes kept ready")
    .option("--max-concurrency <n>", "calls at once; the others wait")
    .option("--idle-ms <ms>", "how long a sandbox is kept for the next call")
    .option("--network <name>", "one that the operator approved")
    .option("--retry <json>", `such as '{"maxAttempts":5}'`)
    .option(
      "--concurrency-key <where>",
      "header:<name>, query:<name>, body:<a.b>",
    )
    .option("--key-concurrency <n>", "of one key at once")
    .option("--rate <n/time>", "starts in any interval, such as 10/PT1M")
    .option("--debounce-ms <ms>", "run the newest of a key after so long")
    .option("--priority <0-9>", "9 is served first")
    .option("--public", "callable at /fn without a key")
    .option("--no-public", "callable with a key alone")
    .option("--signed", "over HTTP, take signed requests alone")
    .option("--no-signed", "take requests without a signature")
    .option("--events", "tell of each call too, see ./oche events")
    .option("--no-events", "tell of calls that nobody waits for alone");
  registryCommands(add, deps);
}

/** What is there, which version serves, what was logged. */
function registryCommands(add: AddCommand, deps: CliDeps): void {
  add({
    usage: "list",
    description: "list functions",
    example: "list",
  }, ({ printer }) => list(deps, printer));
  add({
    usage: "show <name>",
    description: "show a function",
    example: "show hello",
  }, onOne(deps, show));
  add({
    usage: "versions <name>",
    description: "list the versions of a function",
    example: "versions hello",
  }, onOne(deps, versions));
  add(
    {
      usage: "rollback <name> [version]",
      description: "let an older version serve",
      example: "rollback hello 1",
    },
    ({ printer, args: [name = "", version] }) =>
      rollback(deps, printer, name, readVersion(version)),
  );
  add(
    {
      usage: "signing-secret <name>",
      description: "make the secret of signed invokes; it is shown once",
      example: "signing-secret hello",
      options: z.object({ remove: z.boolean().default(false) }),
    },
    ({ printer, args: [name = ""], options: { remove } }) =>
      remove
        ? removeSigningSecret(deps, printer, name)
        : signingSecret(deps, printer, name),
  )
    .option("--remove", "forget it instead");
  add({
    usage: "delete <name>",
    description: "delete a function with all of its versions",
    example: "delete hello",
  }, onOne(deps, remove));
  add({
    usage: "logs <name>",
    description: "show the newest log lines of a function",
    example: "logs hello --limit 20",
    options: z.object({ limit: z.string().optional() }),
  }, onOne(deps, logs))
    .option("--limit <n>", "how many lines");
}

function readVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new AppError("invalid", `Cannot read the version "${text}"`, {
    hint: "Versions are whole numbers from 1",
  });
}
