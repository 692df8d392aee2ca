/** The package_config.json of a build folder. */
import { deepStrictEqual } from "node:assert";
import { renderPackageConfig } from "../../../runtime/dart/package_config.ts";
import type { Project } from "../../../runtime/dart/pubspec.ts";

const OURS = ["dart_cloud_function", "dart_cloud_logger"].map((name) => ({
  name,
  rootUri: `packages/${name}`,
  packageUri: "lib/",
  languageVersion: "3.4",
}));

const CASES: [
  it: string,
  project: Omit<Project, "dependencies">,
  author: Record<string, string>[],
][] = [
  [
    "has our packages where the author's has no name",
    { root: "", packageName: undefined, languageVersion: "3.2" },
    [],
  ],
  [
    "has the author's package at the root",
    { root: "", packageName: "shop", languageVersion: "3.2" },
    [{
      name: "shop",
      rootUri: "source",
      packageUri: "lib/",
      languageVersion: "3.2",
    }],
  ],
  [
    "has the author's package in a folder, escaped",
    { root: "my shop/50%'s", packageName: "shop", languageVersion: undefined },
    [{
      name: "shop",
      rootUri: "source/my%20shop/50%25%27s",
      packageUri: "lib/",
    }],
  ],
];

for (const [it, project, author] of CASES) {
  Deno.test(`renderPackageConfig() ${it}`, () => {
    deepStrictEqual(
      JSON.parse(renderPackageConfig({ ...project, dependencies: ["http"] })),
      { configVersion: 2, packages: [...OURS, ...author] },
    );
  });
}
