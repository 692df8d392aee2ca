/** `init`: a scaffold that deploys as it is. */
import { resolve } from "node:path";
import { AppError } from "../contracts/error.ts";
import type { CliDeps } from "./deps.ts";
import type { Printer } from "./print.ts";
import { asName } from "./project.ts";

export const TEMPLATES = ["hello", "json-api", "logger"] as const;

/** What stands for the package's and the class's name in a scaffold. */
const PACKAGE = "scaffold_name";
const CLASS = "ScaffoldName";

/** @throws {AppError} `invalid`, `conflict` */
export async function init(
  { cwd, templates }: CliDeps,
  printer: Printer,
  target: string,
  { template }: { template: string },
): Promise<void> {
  if (!TEMPLATES.some((each) => each === template)) {
    throw new AppError("invalid", `There is no template "${template}"`, {
      hint: `Choose one of ${TEMPLATES.join(", ")}`,
    });
  }
  const folder = resolve(cwd, target);
  const name = asName(folder.slice(folder.lastIndexOf("/") + 1));
  if (name === undefined) {
    throw new AppError("invalid", `Cannot make a name of "${target}"`, {
      hint: "Begin it with a letter, and use a-z, 0-9 and -",
    });
  }
  if (!await isFree(folder)) {
    throw new AppError(
      "conflict",
      `Cannot write to "${target}": it is not empty`,
      {
        hint: "Choose a new folder",
      },
    );
  }
  const packageName = name.replaceAll("-", "_");
  const className = name.split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
  const files = await readTree(`${templates}/${template}`);
  for (const [path, text] of files) {
    const to = `${folder}/${path.replaceAll(PACKAGE, packageName)}`;
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(
      to,
      text.replaceAll(PACKAGE, packageName).replaceAll(CLASS, className),
    );
  }
  printer.result(
    { folder, name, files: Array.from(files.keys()) },
    `${target} is ready. Next:\n  ./oche deploy ${target}\n  ./oche invoke ${name}\n`,
  );
}

async function isFree(folder: string): Promise<boolean> {
  try {
    for await (const _entry of Deno.readDir(folder)) return false;
    return true;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

async function readTree(
  root: string,
  prefix = "",
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${prefix}`)) {
    const path = `${prefix}${name}`;
    if (isDirectory) {
      for (const [key, text] of await readTree(root, `${path}/`)) {
        files.set(key, text);
      }
    } else files.set(path, await Deno.readTextFile(`${root}/${path}`));
  }
  return files;
}
