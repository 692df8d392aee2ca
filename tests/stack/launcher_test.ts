/** The launcher, on the machine's prepared cache. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { run } from "../../src/stack/run.ts";
import { temporaryFolder } from "./folder.ts";

const checkout = dirname(dirname(import.meta.dirname ?? ""));
const cache = Deno.env.get("OCHE_CACHE") ?? `${checkout}/.oche/cache`;
const ECHO = `
const { OCHE_HOME, OCHE_CACHE, DENO_DIR } = Deno.env.toObject();
console.log(JSON.stringify({ args: Deno.args, cwd: Deno.cwd(), OCHE_HOME, OCHE_CACHE, DENO_DIR }));
Deno.exit(Number(Deno.args[0] ?? 0));
`;

/** A checkout whose program only says how it was called. */
async function fakeCheckout(folder: string): Promise<string> {
  const path = `${folder}/check out`;
  await mkdir(`${path}/src/bin`, { recursive: true });
  for (const name of ["oche", "deno.lock", "deno.json"]) {
    await copyFile(`${checkout}/${name}`, `${path}/${name}`);
  }
  await writeFile(`${path}/src/bin/cli.ts`, ECHO);
  return path;
}

Deno.test("oche runs the program from anywhere, the caller's folder and words kept", async () => {
  await using folder = await temporaryFolder();
  const path = await fakeCheckout(folder.path);
  const link = `${folder.path}/link to it`;
  await symlink(`${path}/oche`, link);
  const options = {
    cwd: folder.path,
    env: { OCHE_HOME: "my home", OCHE_CACHE: cache },
  };
  await run(link, [], options);
  const called = await run(link, ["3", "a b", "", "--json", "*"], options);
  strictEqual(called.stderr, "");
  strictEqual(called.code, 3);
  deepStrictEqual(JSON.parse(called.stdout), {
    args: ["3", "a b", "", "--json", "*"],
    cwd: folder.path,
    OCHE_HOME: `${folder.path}/my home`,
    OCHE_CACHE: cache,
    DENO_DIR: `${cache}/deno-dir`,
  });
});

Deno.test("oche says what is missing where it cannot help itself", async () => {
  await using folder = await temporaryFolder();
  const path = await fakeCheckout(folder.path);
  const bin = `${folder.path}/bin`;
  await mkdir(bin);
  for (const name of ["bash", "readlink", "cksum", "mkdir", "flock"]) {
    await symlink(`/usr/bin/${name}`, `${bin}/${name}`);
  }
  const env = { PATH: bin, OCHE_CACHE: `${folder.path}/cache` };
  const bare = await run(`${bin}/bash`, [`${path}/oche`], { env });
  strictEqual(bare.code, 1);
  match(
    bare.stderr,
    /^oche: Cannot install Deno: npm is missing\n {2}Install Node.js with npm .*\n$/,
  );
  const closed = await run(`${path}/oche`, [], {
    env: { OCHE_CACHE: "/proc/oche" },
  });
  strictEqual(closed.code, 1);
  match(
    closed.stderr,
    /^oche: Cannot make the folder \/proc\/oche\n.*OCHE_CACHE\n$/,
  );
});
