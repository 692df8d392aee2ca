/** What is rendered, under the bundled VM's compiler: it takes it, and errors come home. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { dirname } from "node:path/posix";
import { analyze } from "../../../runtime/dart/analyze.ts";
import { parseCompilerOutput } from "../../../runtime/dart/diagnostics.ts";
import { entryUri } from "../../../runtime/dart/entry_uri.ts";
import { renderMain } from "../../../runtime/dart/inject.ts";
import { renderPackageConfig } from "../../../runtime/dart/package_config.ts";
import { readProject } from "../../../runtime/dart/pubspec.ts";
import {
  buildFolder,
  readDartPackages,
  SOURCE_PREFIX,
} from "../../../runtime/toolchain/build_folder.ts";
import { dartVm, repositoryPath } from "../../support/dart_vm.ts";
import { GOOD, IMPORT, treeOf } from "./source_tree.ts";

/** As a deploy lays it out; gives the compiler's exit code and words. */
async function compile(
  files: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const source = treeOf(files);
  const analysis = await analyze(source);
  const project = readProject(source, analysis.file);
  const built = buildFolder({
    source,
    mainDart: renderMain(analysis, entryUri(source, analysis.file, project)),
    packageConfig: renderPackageConfig(project),
    hasLogger: analysis.hasLogger,
    ...project,
  }, await readDartPackages(repositoryPath("templates")));
  const folder = await Deno.makeTempDir({ prefix: "oche-test-compile-" });
  try {
    for (const [path, bytes] of built) {
      await Deno.mkdir(`${folder}/${dirname(path)}`, { recursive: true });
      await Deno.writeFile(`${folder}/${path}`, bytes);
    }
    const { code, stdout, stderr } = await new Deno.Command(dartVm(), {
      args: [
        "--snapshot-kind=kernel",
        "--snapshot=function.dill",
        "--packages=package_config.json",
        "main.dart",
      ],
      cwd: folder,
    }).output();
    const words = new TextDecoder();
    return { code, output: words.decode(stdout) + words.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const FUNCTION = `${IMPORT}\n${GOOD}`;
const PUBSPEC = "name: shop\nenvironment:\n  sdk: ^3.4.0\n";

const CASES: [it: string, files: Record<string, string>][] = [
  ["a file by itself", { "f.dart": FUNCTION }],
  ["a name full of what must be escaped", {
    "ü b/it's $x #1 50% a+b,(c)?.dart": `import 'x%20y.dart';\n${FUNCTION}`,
    "ü b/x y.dart": "",
  }],
  ["a package in a folder whose name is escaped", {
    "my shop/pubspec.yaml": PUBSPEC,
    "my shop/lib/f.dart": `import 'package:shop/g h.dart';\n${FUNCTION}`,
    "my shop/lib/g h.dart": "",
  }],
  ["relative and package imports of one file side by side", {
    "pubspec.yaml": PUBSPEC,
    "lib/f.dart":
      `import 'model.dart';\nimport 'package:shop/service.dart';\n${FUNCTION}
final x = serve(Model());`,
    "lib/service.dart":
      "import 'package:shop/model.dart';\nint serve(Model m) => 1;",
    "lib/model.dart": "class Model {}",
  }],
  ["relative imports that leave lib/", {
    "pubspec.yaml": PUBSPEC,
    "lib/f.dart": `import '../shared/x.dart';\n${FUNCTION}\nfinal y = x;`,
    "shared/x.dart": "const x = 1;",
  }],
  ["a class in a part", {
    "lib/f.dart": `part of 'api.dart';\n${GOOD}`,
    "lib/api.dart": `${IMPORT}\npart 'f.dart';`,
  }],
];

for (const [it, files] of CASES) {
  Deno.test(`the compiler takes ${it}`, async () => {
    deepStrictEqual(await compile(files), { code: 0, output: "" });
  });
}

Deno.test("the compiler's errors name the author's files", async () => {
  const { code, output } = await compile({
    "pubspec.yaml": PUBSPEC,
    "lib/f.dart": `import 'ü 1.dart';\n${FUNCTION}`,
    "lib/ü 1.dart": "int x = 'a';",
  });
  strictEqual(code, 254);
  deepStrictEqual(parseCompilerOutput(output, SOURCE_PREFIX), [{
    file: "lib/ü 1.dart",
    line: 1,
    column: 9,
    message:
      "A value of type 'String' can't be assigned to a variable of type 'int'.",
  }]);
});
