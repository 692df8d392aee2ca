/** How the generated main.dart imports the author's file. */
import { dirname, join } from "node:path/posix";
import type { SourceTree } from "../source_tree.ts";
import type { Project } from "./pubspec.ts";

const DIRECTIVE = /^[ \t]*(?:import|export|part)\s+r?(["'])([^"'\n]+)\1/gm;

/**
 * By path; but a file below the `lib/` of a named package by its `package:`
 * URI, as any Dart program would: the same file under two URIs is two
 * libraries, whose types differ. Relative imports that leave `lib/` work by
 * path only.
 */
export function entryUri(
  tree: SourceTree,
  file: string,
  { root, packageName }: Project,
): string {
  const lib = root ? `${root}/lib/` : "lib/";
  if (
    packageName === undefined || !file.startsWith(lib) || leavesLib(tree, lib)
  ) return `source/${encodePath(file)}`;
  return `package:${packageName}/${encodePath(file.slice(lib.length))}`;
}

/** A path as a relative URI reference (RFC 3986 §4.2), safe in a Dart string. */
export function encodePath(path: string): string {
  return path.split("/")
    .map((segment) => encodeURIComponent(segment).replaceAll("'", "%27"))
    .join("/");
}

function leavesLib(tree: SourceTree, lib: string): boolean {
  return Array.from(tree).some(([path, bytes]) =>
    path.startsWith(lib) && path.endsWith(".dart") &&
    Array.from(
      new TextDecoder().decode(bytes).matchAll(DIRECTIVE),
      ([, , uri = ""]) => uri,
    ).some((uri) =>
      !/^[a-z][a-z0-9+.-]*:/i.test(uri) &&
      !join(dirname(path), uri).startsWith(lib)
    )
  );
}
