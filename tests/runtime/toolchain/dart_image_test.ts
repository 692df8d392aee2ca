import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert";
import { parse } from "yaml";
import { readDartPackages } from "../../../runtime/toolchain/build_folder.ts";
import {
  dartImageToolchain,
  imageContext,
} from "../../../runtime/toolchain/dart_image.ts";
import type { BuildInput } from "../../../runtime/toolchain/toolchain.ts";
import { fakeEngine } from "../../support/fake_engine.ts";
import { testSettings } from "../../support/settings.ts";

const TEMPLATES = new URL("../../../templates", import.meta.url).pathname;
const packages = await readDartPackages(TEMPLATES);

function input(change: Partial<BuildInput> = {}): BuildInput {
  return {
    source: new Map([["shop/lib/a.dart", new TextEncoder().encode("// a")]]),
    mainDart: "// main",
    packageConfig: "{}",
    hasLogger: false,
    packageName: "shop",
    root: "shop",
    dependencies: ["http"],
    ...change,
  };
}

function text(files: Map<string, Uint8Array>, path: string): string {
  const bytes = files.get(path);
  ok(bytes, `no ${path} in ${Array.from(files.keys())}`);
  return new TextDecoder().decode(bytes);
}

Deno.test("imageContext() holds entry, source, packages, pubspec and Dockerfile", () => {
  const files = imageContext(input(), packages, "dart:stable");
  strictEqual(text(files, "main.dart"), "// main");
  strictEqual(text(files, "source/shop/lib/a.dart"), "// a");
  ok(files.has("packages/dart_cloud_function/lib/run.dart"));
  ok(files.has("packages/dart_cloud_function/pubspec.yaml"));
  strictEqual(files.has("package_config.json"), false);
  const dockerfile = text(files, "Dockerfile");
  match(dockerfile, /^FROM dart:stable AS build$/m);
  match(dockerfile, /dart pub get && dart compile exe main\.dart/);
  match(dockerfile, /^USER 65532:65532$/m);
  match(dockerfile, /^ENTRYPOINT \["\/app\/function"\]$/m);
});

Deno.test("imageContext() lets pub find the author's package and ours", () => {
  const files = imageContext(input(), packages, "dart:stable");
  const pubspec = parse(text(files, "pubspec.yaml"));
  deepStrictEqual(pubspec.dependencies, {
    dart_cloud_function: { path: "packages/dart_cloud_function" },
    shop: { path: "source/shop" },
  });
  deepStrictEqual(Object.keys(pubspec.dependency_overrides), [
    "dart_cloud_function",
    "dart_cloud_logger",
  ]);
  const nameless = imageContext(
    input({ packageName: undefined, root: "" }),
    packages,
    "dart:stable",
  );
  deepStrictEqual(
    Object.keys(parse(text(nameless, "pubspec.yaml")).dependencies),
    ["dart_cloud_function"],
  );
});

Deno.test("imageContext() takes the variant of the base class that handle() asks for", () => {
  const path = "packages/dart_cloud_function/lib/src/variant.dart";
  const plain = text(imageContext(input(), packages, "x"), path);
  const logged = text(
    imageContext(input({ hasLogger: true }), packages, "x"),
    path,
  );
  match(plain, /^export 'cloud_dart_function\.dart';$/m);
  match(logged, /^export 'cloud_dart_function_logged\.dart';$/m);
});

Deno.test("dartImageToolchain() pulls what is missing and builds with a network", async () => {
  const engine = fakeEngine();
  const toolchain = dartImageToolchain({
    engine,
    settings: testSettings(),
    packages,
    image: "dart:stable",
  });
  const tag = toolchain.imageOf(input());
  match(tag, /^localhost\/oche-0123abcd\/function:[0-9a-f]{32}$/);
  strictEqual(toolchain.imageOf(input()), tag);
  notStrictEqual(toolchain.imageOf(input({ mainDart: "// other" })), tag);
  await toolchain.build(input(), () => {}, new AbortController().signal);
  deepStrictEqual(engine.calls, [
    "pull dart:stable",
    `build ${tag} network=true`,
  ]);
  deepStrictEqual(engine.images.get(tag)?.labels, {
    "oche.installation": "0123abcd",
    "oche.role": "image",
  });
});
