/** The generated main.dart: about ten lines, as everything else is in the package. */
import type { Analysis } from "./analyze.ts";

export function renderMain(
  { className, file }: Pick<Analysis, "className" | "file">,
): string {
  return [
    `// Generated for ${className}; changes are lost at the next deploy.`,
    "import 'package:dart_cloud_function/run.dart';",
    "",
    `import '${importUri(`source/${file}`)}' as author;`,
    "",
    `void main() => run(() => author.${className}());`,
    "",
  ].join("\n");
}

/** A relative URI reference (RFC 3986 §4.2), safe inside a Dart string. */
function importUri(path: string): string {
  return path.split("/").map((segment) =>
    encodeURIComponent(segment).replaceAll("'", "%27").replaceAll("$", "%24")
  ).join("/");
}
