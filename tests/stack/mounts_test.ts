import { deepStrictEqual, strictEqual } from "node:assert";
import { unmountBelow } from "../../src/stack/engine_leftovers.ts";
import { mounts } from "../../src/stack/mounts.ts";
import { run } from "../../src/stack/run.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test({
  name: "unmountBelow() ends nested mounts, also where a path has spaces",
  ignore: Deno.uid() !== 0,
  async fn() {
    using folder = tempDir();
    const outer = `${folder.path}/a b`;
    const inner = `${outer}/c`;
    for (const path of [outer, inner]) {
      await Deno.mkdir(path);
      const { code } = await run("mount", ["-t", "tmpfs", "oche-test", path]);
      strictEqual(code, 0);
    }
    const below = async () =>
      (await mounts()).filter(({ path }) => path.startsWith(folder.path))
        .map(({ path, type, source }) => [path, type, source]);
    deepStrictEqual(await below(), [
      [outer, "tmpfs", "oche-test"],
      [inner, "tmpfs", "oche-test"],
    ]);
    await unmountBelow(folder.path);
    deepStrictEqual(await below(), []);
  },
});
