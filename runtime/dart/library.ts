/** Which file to import for a class that lies in a part of a library. */
import { dirname, join } from "node:path/posix";
import type { FileFacts } from "./facts.ts";
import { refusal } from "./refusal.ts";

/** @throws {AppError} `injection_failed` when no library names the part */
export function libraryOf(file: string, files: FileFacts[]): string {
  const partOf = files.find(({ path }) => path === file)?.partOf;
  if (partOf === undefined) return file;
  const libraries = files.filter(({ path, parts }) =>
    parts.some((part) => leadsTo(file, path, part))
  );
  const library = libraries.find(({ path }) => leadsTo(path, file, partOf)) ??
    libraries[0];
  if (library) return library.path;
  throw refusal({
    sentence: "The class is in a part that no library of the archive names",
    places: [{ file, line: 1, column: 1 }],
    hint: "Add a part directive to the library, or make the file its own",
  });
}

/** Whether a URI in a file can mean the target. */
function leadsTo(target: string, from: string, uri: string): boolean {
  const [, inPackage] = /^package:[^/]+\/(.+)$/.exec(uri) ?? [];
  if (inPackage !== undefined) {
    return `/${target}`.endsWith(`/lib/${decoded(inPackage)}`);
  }
  return join(dirname(from), decoded(uri)) === target;
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
