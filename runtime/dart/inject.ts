/** The generated main.dart: a few lines, as everything else is in the package. */
import type { Analysis } from "./analyze.ts";
import { encodePath } from "./entry_uri.ts";

/** @param uri As `entryUri()` gives it; without it the file is imported by path. */
export function renderMain(
  { className, file }: Pick<Analysis, "className" | "file">,
  uri = `source/${encodePath(file)}`,
): string {
  return [
    `// Generated for ${className}; changes are lost at the next deploy.`,
    "import 'package:dart_cloud_function/run.dart';",
    "",
    `import '${uri}' as author;`,
    "",
    "void main(List<String> arguments, [Object? adopt]) =>",
    `    run(() => author.${className}(), adopt);`,
    "",
  ].join("\n");
}
