import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { extract } from "../../runtime/archive/extract.ts";
import { packDirectory } from "../../src/cli/pack.ts";
import { tempDir } from "../support/temp_dir.ts";

async function write(
  root: string,
  files: Record<string, string>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const full = `${root}/${path}`;
    await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(full, text);
  }
}

Deno.test("packDirectory() makes what extract() reads", async () => {
  using folder = tempDir();
  const files = { "pubspec.yaml": "name: a\n", "lib/src/a.dart": "// é" };
  await write(folder.path, files);
  const { bytes, files: count } = await packDirectory(folder.path);
  strictEqual(count, 2);
  const tree = await extract(bytes);
  deepStrictEqual(
    Object.fromEntries(
      Array.from(
        tree,
        ([path, content]) => [path, new TextDecoder().decode(content)],
      ),
    ),
    files,
  );
});

Deno.test("packDirectory() gives the same bytes for the same files", async () => {
  using one = tempDir();
  using other = tempDir();
  await write(one.path, { "a.dart": "1", "b/c.dart": "2" });
  await write(other.path, { "b/c.dart": "2", "a.dart": "1" });
  await Deno.utime(`${other.path}/a.dart`, 1, 1);
  deepStrictEqual(
    (await packDirectory(one.path)).bytes,
    (await packDirectory(other.path)).bytes,
  );
});

Deno.test("packDirectory() leaves out what is not the author's", async () => {
  using folder = tempDir();
  await write(folder.path, {
    "a.dart": "",
    ".git/config": "",
    ".dart_tool/x": "",
    "build/x": "",
    "lib/node_modules/x": "",
    "secret.txt": "",
    "lib/notes.md": "",
    "docs/x.md": "",
    "lib/docs/y.txt": "",
    ".ocheignore": "# mine\nsecret.txt\n*.md\n/docs/\n",
  });
  await Deno.symlink("/etc/passwd", `${folder.path}/link`);
  const { bytes, skipped } = await packDirectory(folder.path);
  deepStrictEqual(Array.from((await extract(bytes)).keys()), [
    "a.dart",
    "lib/docs/y.txt",
  ]);
  deepStrictEqual(skipped, ["link"]);
});

Deno.test("packDirectory() says when there is no such folder", async () => {
  await rejects(packDirectory("/no/such/folder"), { code: "not_found" });
});
