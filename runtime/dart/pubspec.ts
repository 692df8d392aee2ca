/** What the author's pubspec.yaml says, if there is one. */
import { dirname } from "node:path/posix";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { AppError } from "../../src/contracts/error.ts";
import { placesOf, sentences } from "../../src/contracts/sentence.ts";
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

const MAX_BYTES = 256 * 1024;
const OWN_PACKAGES = ["dart_cloud_function", "dart_cloud_logger"];
/** Of the bundled VM. */
const NEWEST = [3, 7] as const;

const Pubspec = z.object({
  name: z.string()
    .regex(/^[A-Za-z_]\w*$/, "is not the name of a Dart package")
    .refine((name) => !OWN_PACKAGES.includes(name), "the name is taken")
    .nullish(),
  environment: z.object({ sdk: z.string().nullish() }).nullish(),
  dependencies: z.record(z.string(), z.unknown()).nullish(),
});

/** @throws {AppError} `invalid` when the pubspec is not one */
export function readProject(tree: SourceTree, classFile: string): Project {
  let folder = dirname(classFile);
  for (;;) {
    const root = folder === "." ? "" : folder;
    const path = root ? `${root}/pubspec.yaml` : "pubspec.yaml";
    const bytes = tree.get(path);
    if (bytes) return { root, ...readPubspec(bytes, path) };
    if (!root) {
      return {
        root,
        packageName: undefined,
        languageVersion: undefined,
        dependencies: [],
      };
    }
    folder = dirname(root);
  }
}

function readPubspec(bytes: Uint8Array, path: string): Omit<Project, "root"> {
  const { name, environment, dependencies } = parsePubspec(bytes, path);
  return {
    packageName: name ?? undefined,
    languageVersion: languageVersion(environment?.sdk ?? ""),
    dependencies: Object.entries(dependencies ?? {})
      .filter(([key, value]) => !OWN_PACKAGES.includes(key) && !isOfSdk(value))
      .map(([key]) => key),
  };
}

function parsePubspec(
  bytes: Uint8Array,
  path: string,
): z.output<typeof Pubspec> {
  if (bytes.length > MAX_BYTES) {
    throw unreadable(path, 1, `it is longer than ${MAX_BYTES} bytes`);
  }
  const lines = new LineCounter();
  let document: Document.Parsed;
  let value: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "error",
    });
    value = document.errors.length > 0 ? null : document.toJS() ?? {};
  } catch (cause) {
    throw unreadable(path, 1, "it is no plain YAML text", cause);
  }
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw unreadable(path, line, error.message, error);
  }
  const result = Pubspec.safeParse(value, { error: sentences(value) });
  if (result.success) return result.data;
  const [problem] = placesOf(result.error);
  const node = document.getIn(problem?.path ?? [], true);
  const at = isNode(node) ? node.range?.[0] ?? 0 : 0;
  throw unreadable(
    path,
    lines.linePos(at).line,
    [problem?.path.join("."), problem?.message].filter(Boolean).join(": "),
    result.error,
  );
}

function unreadable(
  path: string,
  line: number,
  message: string,
  cause?: unknown,
): AppError {
  return new AppError("invalid", `Cannot read "${path}:${line}": ${message}`, {
    hint: "A name and the SDK suffice, as in environment: sdk: ^3.4.0",
    diagnostics: [{ file: path, line, message }],
    cause,
  });
}

/** The lower bound of the constraint, no newer than the bundled VM. */
function languageVersion(constraint: string): string | undefined {
  const found = /(?<![<\d.]|<=|<\s|<=\s)(\d{1,4})\.(\d{1,4})/.exec(constraint);
  if (!found) return undefined;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  const isNewer = major > NEWEST[0] ||
    (major === NEWEST[0] && minor > NEWEST[1]);
  return isNewer ? NEWEST.join(".") : `${major}.${minor}`;
}

function isOfSdk(value: unknown): boolean {
  return typeof value === "object" && value !== null && "sdk" in value;
}
