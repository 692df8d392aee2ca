/** The tmpfs of the exchange, mounted for real under /run. */
import { match, ok, rejects, strictEqual } from "node:assert";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import {
  defaultSize,
  mountShared,
  unmountShared,
} from "../../src/stack/shared_memory.ts";
import { run } from "../../src/stack/run.ts";

const MB = 1024 * 1024;
const ignore = Deno.uid() !== 0;

function somewhere(): string {
  return `/run/oche-test-${crypto.randomUUID()}`;
}

async function mountLine(path: string): Promise<string> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text.split("\n").filter((line) => line.includes(` ${path} `))
    .join("\n");
}

Deno.test({
  name:
    "mountShared() mounts once, shared and capped; unmountShared() leaves nothing",
  ignore,
  async fn() {
    const path = somewhere();
    try {
      const first = await mountShared(path, { sizeBytes: MB });
      if (first.kind === "folder") {
        return await rm(first.path, { recursive: true });
      }
      strictEqual(first.path, path);
      strictEqual(first.notice, undefined);
      match(await mountLine(path), /nosuid,nodev.* shared:\d+ - tmpfs oche /);
      strictEqual((await stat(path)).mode & 0o7777, 0o700);
      await rejects(
        writeFile(`${path}/large`, new Uint8Array(2 * MB)),
        { code: "ENOSPC" },
      );
      await writeFile(`${path}/large`, "kept");
      await mountShared(path, { sizeBytes: 2 * MB });
      strictEqual((await mountLine(path)).split("\n").length, 1);
      match(await mountLine(path), /size=2048k/);
      strictEqual(await readFile(`${path}/large`, "utf8"), "kept");
      await Deno.mkdir(`${path}/nested`);
      await run("mount", ["-t", "tmpfs", "x", `${path}/nested`]);
      match(await mountLine(`${path}/nested`), /tmpfs/);
    } finally {
      await unmountShared(path);
    }
    strictEqual(await mountLine(path), "");
    await rejects(stat(path), { code: "ENOENT" });
    await unmountShared(path);
  },
});

Deno.test({
  name:
    "mountShared() refuses a place where something else is mounted, and spares it",
  ignore,
  async fn() {
    const path = somewhere();
    await Deno.mkdir(path);
    try {
      const mounted = await run("mount", ["-t", "tmpfs", "theirs", path]);
      if (mounted.code !== 0) return;
      await rejects(mountShared(path), {
        code: "conflict",
        message: `Cannot mount "${path}": a tmpfs is mounted there already`,
      });
      await unmountShared(path);
      match(await mountLine(path), /theirs/);
    } finally {
      await run("umount", [path]);
      await Deno.remove(path);
    }
  },
});

Deno.test("defaultSize() is at most a quarter of the memory and 2 GiB", () => {
  const size = defaultSize();
  ok(size <= Deno.systemMemoryInfo().total / 4 && size <= 2048 * MB);
});
