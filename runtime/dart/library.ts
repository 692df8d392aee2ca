/** Which file to import for a class that lies in a part of a library. */
import { dirname, join } from "node:path/posix";
import type { FileFacts } from "./facts.ts";
import { refusal } from "./refusal.ts";

/** @throws {AppError} `injection_failed` when no library names the part */
export function libraryOf(file: string, files: FileFacts[]): string {
  const facts = files.find(({ path }) => path === file);
  if (!facts?.isPart) return file;
  const library = files.find(({ path, parts }) =>
    parts.some((part) => join(dirname(path), part) === file)
  );
  if (library) return library.path;
  throw refusal({
    sentence: "The class is in a part that no library names",
    places: [{ file, line: 1, column: 1 }],
    hint: "Add a part directive to the library, or make the file its own",
  });
}
