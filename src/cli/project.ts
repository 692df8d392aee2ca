/** What DIR or ARCHIVE on the command line comes to: bytes and a name. */
import { basename, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { FunctionName } from "../contracts/function.ts";
import { packDirectory } from "./pack.ts";

export interface Project {
  bytes: Uint8Array<ArrayBuffer>;
  /** Undefined when nothing gives a valid one. */
  name: string | undefined;
  skipped: string[];
}

const Pubspec = z.object({ name: z.string() });

/** @throws {AppError} `not_found`, `too_large` */
export async function readProject(cwd: string, path: string): Promise<Project> {
  const full = resolve(cwd, path);
  const info = await Deno.stat(full).catch(() => undefined);
  if (!info) {
    throw new AppError("not_found", `Cannot find "${path}"`, {
      hint: "Name the folder of the function, or an archive of it",
    });
  }
  if (info.isFile) {
    return {
      bytes: await Deno.readFile(full),
      name: asName(basename(full).replace(/\.(tar\.gz|tgz|zip|tar)$/, "")),
      skipped: [],
    };
  }
  const { bytes, skipped } = await packDirectory(full);
  return {
    bytes,
    skipped,
    name: asName(await pubspecName(full) ?? basename(full)),
  };
}

async function pubspecName(directory: string): Promise<string | undefined> {
  try {
    const text = await Deno.readTextFile(`${directory}/pubspec.yaml`);
    return Pubspec.safeParse(parseYaml(text)).data?.name;
  } catch {
    return undefined; // What is wrong with it the server says better.
  }
}

/** The name made valid, if that is possible. */
export function asName(text: string): string | undefined {
  const name = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "").slice(0, 63);
  return FunctionName.safeParse(name).data;
}
