/** What of a project is not packed: the usual, and what .ocheignore says. */

const ALWAYS = [
  ".git",
  ".dart_tool",
  ".oche",
  ".ocheignore",
  ".DS_Store",
  "build",
  "node_modules",
];

export type IsIgnored = (path: string, isFolder: boolean) => boolean;

/**
 * A line is a name or path with `*` and `?`; with a slash inside it counts from
 * the project's root, with one at the end it means folders alone.
 */
export async function readIgnore(directory: string): Promise<IsIgnored> {
  const text = await Deno.readTextFile(`${directory}/.ocheignore`)
    .catch(() => "");
  const lines = text.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const patterns = [...ALWAYS, ...lines].map(compile);
  return (path, isFolder) =>
    patterns.some((matches) => matches(path, isFolder));
}

function compile(line: string): IsIgnored {
  const foldersOnly = line.endsWith("/");
  const pattern = line.replace(/^\/|\/$/g, "");
  const isRooted = line.replace(/\/$/, "").includes("/");
  const expression = new RegExp(
    `^${
      pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("**", "\0").replaceAll("*", "[^/]*")
        .replaceAll("?", "[^/]").replaceAll("\0", ".*")
    }$`,
  );
  return (path, isFolder) =>
    (isFolder || !foldersOnly) &&
    expression.test(isRooted ? path : path.slice(path.lastIndexOf("/") + 1));
}
