/** The package_config.json of a build folder (Dart package configuration file v2). */
import { encodePath } from "./entry_uri.ts";
import type { Project } from "./pubspec.ts";

const OUR_LANGUAGE_VERSION = "3.4";

export function renderPackageConfig(
  { root, packageName, languageVersion }: Project,
): string {
  const ours = ["dart_cloud_function", "dart_cloud_logger"].map((name) => ({
    name,
    rootUri: `packages/${name}`,
    packageUri: "lib/",
    languageVersion: OUR_LANGUAGE_VERSION,
  }));
  const author = packageName === undefined ? [] : [{
    name: packageName,
    rootUri: root ? `source/${encodePath(root)}` : "source",
    packageUri: "lib/",
    ...(languageVersion !== undefined && { languageVersion }),
  }];
  return JSON.stringify(
    { configVersion: 2, packages: [...ours, ...author] },
    undefined,
    2,
  );
}
