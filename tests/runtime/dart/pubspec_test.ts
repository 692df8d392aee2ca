/** What is read from a pubspec.yaml, and what is refused. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { type Project, readProject } from "../../../runtime/dart/pubspec.ts";
import { AppError } from "../../../src/contracts/error.ts";
import { treeOf } from "./source_tree.ts";

const NOTHING: Project = {
  root: "",
  packageName: undefined,
  languageVersion: undefined,
  dependencies: [],
};

const FULL = `name: shop_api
description: Sells things.
version: 1.2.3+4
environment:
  sdk: '>=3.4.0 <4.0.0'
  flutter: ">=3"
dependencies:
  dart_cloud_function: ^0.1.0
  dart_cloud_logger:
    path: ../logger
  flutter:
    sdk: flutter
  collection: any
  http: {git: {url: https://example.org/http.git}}
  meta:
dev_dependencies:
  test: any
unheard_of: [1, {2: 3}]
`;

const CASES: [
  it: string,
  files: Record<string, string>,
  found: Partial<Project>,
][] = [
  ["nothing where there is none", { "other/pubspec.yaml": "name: x" }, {}],
  ["nothing in an empty file", { "pubspec.yaml": "" }, {}],
  ["nothing in comments", { "pubspec.yaml": "# name: x\n" }, {}],
  ["nulls", { "pubspec.yaml": "name:\nenvironment:\ndependencies:\n" }, {}],
  ["an SDK only", { "pubspec.yaml": "environment: {sdk: ^3.2.1}" }, {
    languageVersion: "3.2",
  }],
  ["all of it", { "pubspec.yaml": FULL }, {
    packageName: "shop_api",
    languageVersion: "3.4",
    dependencies: ["collection", "http", "meta"],
  }],
  ["the nearest one", {
    "pubspec.yaml": "name: far",
    "app/pubspec.yaml": "name: near",
    "app/lib/src/pubspec.yml": "name: no",
  }, { root: "app", packageName: "near" }],
];

for (const [it, files, found] of CASES) {
  Deno.test(`readProject() reads ${it}`, () => {
    deepStrictEqual(readProject(treeOf(files), "app/lib/src/f.dart"), {
      ...NOTHING,
      ...found,
    });
  });
}

const VERSIONS: [constraint: string, version: string | undefined][] = [
  ["^3.4.0", "3.4"],
  ["3.5.1", "3.5"],
  [">=2.19.0 <4.0.0", "2.19"],
  ["<4.0.0 >=3.1.0-0", "3.1"],
  ["> 3.0.5", "3.0"],
  ["<4.0.0", undefined],
  ["<= 4.0.0", undefined],
  ["any", undefined],
  ["^3.8.0", "3.7"],
  ["^10.2.0", "3.7"],
];

for (const [constraint, version] of VERSIONS) {
  Deno.test(`readProject() takes ${version} of ${constraint}`, () => {
    const tree = treeOf({
      "pubspec.yaml": `environment:\n  sdk: "${constraint}"`,
    });
    strictEqual(readProject(tree, "f.dart").languageVersion, version);
  });
}

const REFUSED: [
  it: string,
  text: string | Uint8Array,
  line: number,
  says: RegExp,
][] = [
  ["broken YAML", "name: a\nenvironment: [\n", 3, /./],
  ["a tab", "name: a\nx:\n\ty: 1\n", 3, /[Tt]ab/],
  ["a key twice", "name: a\nname: b\n", 2, /unique/],
  ["a list", "- name", 1, /it must be an object, not a list$/],
  [
    "a name that is none",
    "\nname: my-shop\n",
    2,
    /name: is not the name of a Dart package/,
  ],
  ["a number for a name", "\n\nname: 3\n", 3, /name: must be text, not 3$/],
  ["our name", "name: dart_cloud_logger", 1, /name: the name is taken/],
  ["a number for the SDK", "environment:\n  sdk: 3.4", 2, /environment\.sdk/],
  ["a list of dependencies", "name: a\ndependencies:\n  - b", 3, /dependenc/],
  ["two documents", "name: a\n---\nname: b", 2, /./],
  ["bytes that are no text", new Uint8Array([0xff, 0xfe]), 1, /no plain YAML/],
  ["a bomb of aliases", bomb(), 1, /no plain YAML/],
  ["deep nesting", "[".repeat(100_000), 1, /./],
  ["a file that is too long", "#".repeat(300_000), 1, /longer than/],
];

function bomb(): string {
  const levels = Array.from({ length: 20 }, (_, level) => {
    const alias = level === 0 ? "x" : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(10).fill(alias).join(", ")}]`;
  });
  return levels.join("\n");
}

for (const [it, text, line, says] of REFUSED) {
  Deno.test(`readProject() refuses ${it}`, () => {
    const tree = treeOf({ "app/pubspec.yaml": text });
    throws(() => readProject(tree, "app/lib/f.dart"), (error) => {
      ok(error instanceof AppError);
      const { code, message, hint, diagnostics } = error;
      strictEqual(code, "invalid");
      ok(message.startsWith(`Cannot read "app/pubspec.yaml:${line}": `));
      strictEqual(diagnostics?.[0]?.line, line);
      ok(hint);
      return says.test(message);
    });
  });
}
