/** What the author's pubspec.yaml says, if there is one. */
import { dirname } from "node:path/posix";
import { parseDocument } from "yaml";
import { z } from "zod";
import { AppError } from "../../src/contracts/error.ts";
import { parse } from "../../src/contracts/parse.ts";
import type { SourceTree } from "../source_tree.ts";

export interface Project {
  /** Folder of the pubspec; empty for the archive's root. */
  root: string;
  packageName: string | undefined;
  /** As in `3.4`; undefined where nothing is said. */
  languageVersion: string | undefined;
  /** Packages of a registry, git or path; ours and the SDK's are left out. */
  dependencies: string[];
}

const OWN_PACKAGES = ["dart_cloud_function", "dart_cloud_logger"];
/** Of the bundled VM. */
const NEWEST = [3, 7] as const;

const Pubspec = z.object({
  name: z.string().regex(/^[a-z_][a-z0-9_]*$/).optional(),
  environment: z.object({ sdk: z.string().optional() }).nullish(),
  dependencies: z.record(z.string(), z.unknown()).nullish(),
});

/** @throws {AppError} `invalid` when the pubspec is not one */
export function readProject(tree: SourceTree, classFile: string): Project {
  let root = dirname(classFile);
  for (;;) {
    const folder = root === "." ? "" : root;
    const path = folder ? `${folder}/pubspec.yaml` : "pubspec.yaml";
    const bytes = tree.get(path);
    if (bytes) return { root: folder, ...readPubspec(bytes, path) };
    if (!folder) break;
    root = dirname(folder);
  }
  return {
    root: "",
    packageName: undefined,
    languageVersion: undefined,
    dependencies: [],
  };
}

function readPubspec(
  bytes: Uint8Array,
  path: string,
): Omit<Project, "root"> {
  const document = parseDocument(new TextDecoder().decode(bytes), {
    prettyErrors: true,
  });
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line ?? 1;
    throw new AppError(
      "invalid",
      `Cannot read ${path}:${line}: it is not YAML`,
      {
        hint: error.message.split("\n")[0],
      },
    );
  }
  const { name, environment, dependencies } = parse(
    Pubspec,
    document.toJS({ maxAliasCount: 100 }) ?? {},
    path,
  );
  if (name !== undefined && OWN_PACKAGES.includes(name)) {
    throw new AppError("invalid", `Cannot use ${path}: the name is taken`, {
      hint: `Name the package otherwise than ${name}`,
    });
  }
  return {
    packageName: name,
    languageVersion: languageVersion(environment?.sdk),
    dependencies: Object.entries(dependencies ?? {})
      .filter(([key, value]) => !OWN_PACKAGES.includes(key) && !isOfSdk(value))
      .map(([key]) => key),
  };
}

/** The lower bound of the constraint, no newer than the bundled VM. */
function languageVersion(constraint: string | undefined): string | undefined {
  const found = /(\d+)\.(\d+)/.exec(constraint ?? "");
  if (!found) return undefined;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  const isNewer = major > NEWEST[0] ||
    (major === NEWEST[0] && minor > NEWEST[1]);
  return isNewer ? NEWEST.join(".") : `${major}.${minor}`;
}

function isOfSdk(value: unknown): boolean {
  return typeof value === "object" && value !== null && "sdk" in value;
}
