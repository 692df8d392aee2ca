import { deepStrictEqual, strictEqual } from "node:assert";
import { keptProgram } from "../../../runtime/toolchain/kept_program.ts";
import { tempDir } from "../../support/temp_dir.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const OLD = new Date(Date.now() - 30 * 24 * 3_600_000);

Deno.test("keptProgram() makes a program once, and removes what nobody used for long", async () => {
  using folder = tempDir();
  let made = 0;
  const get = (digest: string) =>
    keptProgram(`${folder.path}/loader.dart-${digest}`, () => {
      made++;
      return Promise.resolve(BYTES);
    });
  for (const name of ["loader.dart-old", "base.tar"]) {
    await Deno.writeFile(`${folder.path}/${name}`, BYTES);
    await Deno.utime(`${folder.path}/${name}`, OLD, OLD);
  }
  await Promise.all([get("new"), get("new")]);
  const first = made;
  deepStrictEqual(await get("new"), BYTES);
  strictEqual(made, first);
  await get("newer");
  strictEqual(made, first + 1);
  const names = await Array.fromAsync(Deno.readDir(folder.path));
  deepStrictEqual(names.map(({ name }) => name).sort(), [
    "base.tar",
    "loader.dart-new",
    "loader.dart-newer",
  ]);
});

Deno.test("keptProgram() goes on where it cannot keep anything", async () => {
  deepStrictEqual(
    await keptProgram("/nowhere/loader.dart-a", () => Promise.resolve(BYTES)),
    BYTES,
  );
});
