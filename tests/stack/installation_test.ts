/** What an installation keeps. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { openInstallation } from "../../src/stack/installation.ts";
import { temporaryFolder } from "./folder.ts";

Deno.test("openInstallation() makes it once, also when two come at once", async () => {
  await using folder = await temporaryFolder();
  const home = `${folder.path}/a/home`;
  const [first, second] = await Promise.all([
    openInstallation(home),
    openInstallation(home),
  ]);
  deepStrictEqual(first, second);
  deepStrictEqual(await openInstallation(home), first);
  match(first.id, /^[0-9a-f]{8}$/);
  match(first.adminKey, /^oche_[\w-]{43}$/);
  strictEqual(first.sealKeys.length, 1);
  match(first.sealKeys[0] ?? "", /^[\w-]{43}$/);
  strictEqual(
    await readFile(first.adminKeyFile, "utf8"),
    `${first.adminKey}\n`,
  );
  strictEqual((await stat(home)).mode & 0o777, 0o700);
  for (const name of await readdir(home)) {
    strictEqual((await stat(`${home}/${name}`)).mode & 0o777, 0o600, name);
  }
});

Deno.test("openInstallation() refuses a folder that is not safe or not a folder", async () => {
  await using folder = await temporaryFolder();
  const home = `${folder.path}/home`;
  await openInstallation(home);
  await writeFile(`${home}/installation.json`, '{"id":"x"}');
  await rejects(openInstallation(home), { code: "invalid", message: /id/ });
  await chmod(home, 0o777);
  await rejects(openInstallation(home), { code: "forbidden", hint: /chmod/ });
  await writeFile(`${folder.path}/file`, "");
  await rejects(openInstallation(`${folder.path}/file`), {
    code: "unavailable",
    hint: /OCHE_HOME/,
  });
});
