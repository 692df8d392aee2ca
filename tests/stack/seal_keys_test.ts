/** The keys that seal, exchanged. */
import {
  deepStrictEqual,
  notStrictEqual,
  rejects,
  strictEqual,
} from "node:assert";
import { stat, writeFile } from "node:fs/promises";
import { openInstallation } from "../../src/stack/installation.ts";
import { dropOldSealKeys, rotateSealKeys } from "../../src/stack/seal_keys.ts";
import { temporaryFolder } from "./folder.ts";

Deno.test("rotateSealKeys() puts a new key first, and dropOldSealKeys() leaves it alone", async () => {
  await using folder = await temporaryFolder();
  const home = `${folder.path}/home`;
  await rejects(rotateSealKeys(home), { code: "not_found" });
  const { sealKeys: [old] } = await openInstallation(home);
  strictEqual(await rotateSealKeys(home), 2);
  const { sealKeys: [young, second] } = await openInstallation(home);
  strictEqual(second, old);
  notStrictEqual(young, old);
  strictEqual((await stat(`${home}/seal.key`)).mode & 0o777, 0o600);
  strictEqual(await dropOldSealKeys(home), 1);
  deepStrictEqual((await openInstallation(home)).sealKeys, [young]);
});

Deno.test("a seal.key that holds no keys is refused, and does not show what it holds", async () => {
  await using folder = await temporaryFolder();
  const home = `${folder.path}/home`;
  await openInstallation(home);
  await writeFile(`${home}/seal.key`, "hidden\n");
  for (const act of [openInstallation, rotateSealKeys, dropOldSealKeys]) {
    await rejects(act(home), (error: Error) => {
      strictEqual(error.message.includes("hidden"), false);
      return /seal\.key: it is not a list/.test(error.message);
    });
  }
});
