/** The size limit of a directory, mounted for real under /run. */
import { match, notStrictEqual, strictEqual, throws } from "node:assert";
import { ExchangeDirectory } from "../../../runtime/exchange/directory.ts";
import {
  limitDirectory,
  unlimitDirectory,
  whyUnlimited,
} from "../../../runtime/exchange/quota.ts";
import { run } from "../../../src/stack/run.ts";
import {
  mountShared,
  unmountShared,
} from "../../../src/stack/shared_memory.ts";

const KB = 1024;
const ignore = Deno.uid() !== 0;

function mounts(path: string): number {
  return Deno.readTextFileSync("/proc/self/mountinfo").split("\n")
    .filter((line) => line.split(" ")[4]?.startsWith(path)).length;
}

async function withFolder(
  work: (path: string) => void | Promise<void>,
): Promise<void> {
  const path = `/run/oche-test-${crypto.randomUUID()}`;
  await mountShared(path, { sizeBytes: 1024 * KB });
  try {
    await work(path);
    strictEqual(mounts(path), 1, "a mount was left");
  } finally {
    await unmountShared(path);
  }
}

function fill(path: string): string {
  try {
    Deno.writeFileSync(path, new Uint8Array(512 * KB));
    return "";
  } catch (error) {
    return String(error);
  }
}

Deno.test({
  name:
    "limitDirectory() bounds what a directory holds, until unlimitDirectory()",
  ignore,
  fn: () =>
    withFolder((path) => {
      strictEqual(whyUnlimited(path), undefined);
      const limited = `${path}/limited`;
      Deno.mkdirSync(limited);
      limitDirectory(limited, 64 * KB);
      strictEqual((Deno.statSync(limited).mode ?? 0) & 0o7777, 0o755);
      match(fill(`${limited}/file`), /No space left/);
      strictEqual(fill(`${path}/file`), "");
      unlimitDirectory(limited);
      strictEqual(Array.from(Deno.readDirSync(limited)).length, 0);
      unlimitDirectory(limited);
      throws(() => limitDirectory(`${path}/missing`, 1), {
        code: "unavailable",
      });
    }),
});

Deno.test({
  name: "whyUnlimited() says so where a mount would not reach a sandbox",
  ignore,
  fn: () =>
    withFolder(async (path) => {
      strictEqual((await run("mount", ["--make-private", path])).code, 0);
      strictEqual(whyUnlimited(path), "the folder's mount is not shared");
      notStrictEqual(whyUnlimited(`${path}-missing`), undefined);
    }),
});

Deno.test({
  name: "ExchangeDirectory with a limit leaves room for the others",
  ignore,
  fn: () =>
    withFolder((functionsDir) => {
      const open = (containerName: string) =>
        new ExchangeDirectory({
          functionsDir,
          functionId: "a0000000-0000-4000-8000-000000000000",
          version: 1,
          containerName,
          env: {},
          maxBytes: 64 * KB,
        });
      using full = open("full");
      using other = open("other");
      match(fill(`${full.path}/result.json`), /No space left/);
      other.writeRequest(new TextEncoder().encode("{}"));
      strictEqual(
        Deno.readTextFileSync(`${other.path}/request.json`),
        "{}",
      );
      // What was written before a call leaves its room to the request.
      full.writeRequest(new Uint8Array(32 * KB));
    }),
});
