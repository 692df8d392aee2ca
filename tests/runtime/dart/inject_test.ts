/** The generated main.dart, and how it names the author's file. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { entryUri } from "../../../runtime/dart/entry_uri.ts";
import { renderMain } from "../../../runtime/dart/inject.ts";
import { treeOf } from "./source_tree.ts";

Deno.test("renderMain() is a few lines that run the class", () => {
  deepStrictEqual(
    renderMain({ className: "Shop", file: "lib/shop.dart" }).split("\n"),
    [
      "// Generated for Shop; changes are lost at the next deploy.",
      "import 'package:dart_cloud_function/run.dart';",
      "",
      "import 'source/lib/shop.dart' as author;",
      "",
      "void main(List<String> arguments, [Object? adopt]) =>",
      "    run(() => author.Shop(), adopt);",
      "",
    ],
  );
});

Deno.test("renderMain() imports the URI that it is given", () => {
  const text = renderMain(
    { className: "Shop", file: "lib/shop.dart" },
    "package:shop/shop.dart",
  );
  strictEqual(
    text.split("\n")[3],
    "import 'package:shop/shop.dart' as author;",
  );
});

interface Case {
  it: string;
  file?: string;
  root?: string;
  packageName?: string | undefined;
  sources?: Record<string, string>;
  uri: string;
}

const CASES: Case[] = [
  { it: "a file of lib/", uri: "package:me/f.dart" },
  {
    it: "a file deep in the lib/ of a folder",
    file: "app/lib/src/ü b.dart",
    root: "app",
    uri: "package:me/src/%C3%BC%20b.dart",
  },
  {
    it: "a file outside lib/",
    file: "bin/f.dart",
    uri: "source/bin/f.dart",
  },
  {
    it: "a file of another lib/",
    file: "lib/f.dart",
    root: "app",
    uri: "source/lib/f.dart",
  },
  {
    it: "a package without a name",
    packageName: undefined,
    uri: "source/lib/f.dart",
  },
  {
    it: "what a Dart string or a URI would take for something else",
    file: `it's "$x" #1 50%?/a+b.dart`,
    uri: "source/it%27s%20%22%24x%22%20%231%2050%25%3F/a%2Bb.dart",
  },
  {
    it: "relative imports that leave lib/",
    sources: { "lib/src/g.dart": 'import "../../shared/x.dart";' },
    uri: "source/lib/f.dart",
  },
  {
    it: "relative and other imports that stay",
    sources: {
      "lib/src/g.dart": "import '../f.dart';\nexport 'dart:io';\n" +
        "import\n  'package:x/../y.dart';\npart 'g.g.dart';",
      "tool/t.dart": "import '../x.dart';",
    },
    uri: "package:me/f.dart",
  },
];

for (const { it, file = "lib/f.dart", sources = {}, uri, ...given } of CASES) {
  Deno.test(`entryUri() of ${it} is ${uri}`, () => {
    const project = {
      root: "",
      packageName: "me",
      languageVersion: undefined,
      dependencies: [],
      ...given,
    };
    strictEqual(entryUri(treeOf(sources), file, project), uri);
  });
}
