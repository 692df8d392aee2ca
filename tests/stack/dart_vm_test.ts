/** The bundled VM and the base image, fetched into the machine's cache. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { writeBaseImage } from "../../src/stack/base_image.ts";
import { ensureDartVm } from "../../src/stack/dart_vm.ts";
import { silentProgress } from "../../src/stack/progress.ts";
import { run } from "../../src/stack/run.ts";
import { temporaryFolder } from "./folder.ts";

const cache = Deno.env.get("OCHE_CACHE") ?? ".oche/cache";

async function listing(tar: string): Promise<string[]> {
  const { stdout } = await run("tar", ["-tvf", tar]);
  return stdout.trimEnd().split("\n");
}

Deno.test("ensureDartVm() gives a VM, and a base image in which it runs", async () => {
  await using folder = await temporaryFolder();
  const [first, second] = await Promise.all([
    ensureDartVm(cache, silentProgress),
    ensureDartVm(cache, silentProgress),
  ]);
  deepStrictEqual(first, second);
  const lines = await listing(first.baseTar);
  for (const line of lines) ok(line.includes("0/0"), line);
  for (const line of lines) ok(line.includes("1970-01-01"), line);
  const names = lines.map((line) => line.split(" ").at(-1));
  for (
    const name of [
      "app/functions/",
      "tmp/",
      "etc/passwd",
      "lib/ld-linux.so.2",
      "usr/bin/dart",
      "usr/share/doc/dart/LICENSE",
      "usr/share/doc/libc6/SOURCE",
    ]
  ) ok(names.includes(name), name);
  if (Deno.uid() !== 0) return;
  await run("tar", ["-xf", first.baseTar, "-C", folder.path]);
  await chmod(folder.path, 0o755);
  const { stdout, stderr } = await run("chroot", [
    "--userspec=65532:65532",
    folder.path,
    "/usr/bin/dart",
    "--version",
  ]);
  ok(`${stdout}${stderr}`.includes("3.7.3"), stderr);
});

Deno.test("ensureDartVm() makes the same tar again, and again when it was harmed", async () => {
  await using folder = await temporaryFolder();
  const { vm, digest } = await ensureDartVm(cache, silentProgress);
  const bin = `${folder.path}/dart-vm/bin`;
  await mkdir(bin, { recursive: true });
  await copyFile(vm, `${bin}/dart`);
  await copyFile(vm.replace(/dart$/, "LICENSE"), `${bin}/LICENSE`);
  const made = await ensureDartVm(folder.path, silentProgress);
  strictEqual(made.digest, digest);
  await writeFile(made.baseTar, "harmed");
  const titles: string[] = [];
  const progress = {
    step: <T>(title: string, work: (note: () => void) => Promise<T>) => {
      titles.push(title);
      return work(() => {});
    },
  };
  strictEqual((await ensureDartVm(folder.path, progress)).digest, digest);
  strictEqual((await ensureDartVm(folder.path, progress)).digest, digest);
  deepStrictEqual(titles, ["Making the base image"]);
});

Deno.test("writeBaseImage() names folders before their files, all readable", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/file`;
  await writeFile(file, "x", { mode: 0o600 });
  const tar = `${folder.path}/base.tar`;
  await writeBaseImage({
    vm: file,
    vmLicence: file,
    libraries: [file],
    libraryVersion: "2.36-9",
  }, tar);
  const seen = new Set<string>();
  for (const line of await listing(tar)) {
    const name = line.slice(line.indexOf(":") + 4);
    const parent = name.replace(/[^/]+\/?$/, "");
    ok(parent === "" || seen.has(parent), name);
    ok(/^[d-]r[w-][x-]r-[x-]r-[x-]|^drwxrwxrwt/.test(line), line);
    seen.add(name);
  }
  const { stdout } = await run("tar", [
    ...["-xOf", tar, "usr/share/doc/libc6/SOURCE"],
  ]);
  ok(stdout.includes("2.36-9"));
});
