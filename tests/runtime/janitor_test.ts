import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { limitDirectory } from "../../runtime/exchange/quota.ts";
import { Janitor } from "../../runtime/janitor.ts";
import { LABEL } from "../../runtime/labels.ts";
import { createLogger } from "../../src/log.ts";
import { fakeEngine } from "../support/fake_engine.ts";
import { memoryRegistry } from "../support/memory.ts";
import { testSettings } from "../support/settings.ts";
import { tempDir } from "../support/temp_dir.ts";

const OURS = "0123abcd";
const OLD = new Date(Date.now() - 3_600_000);

function setUp() {
  const folder = tempDir();
  const engine = fakeEngine();
  const registry = memoryRegistry();
  const removed: string[] = [];
  const janitor = new Janitor({
    engine,
    registry,
    settings: testSettings({ functionsDir: folder.path }),
    artefacts: {
      remove(content) {
        removed.push(content);
        return Promise.resolve();
      },
    },
    log: createLogger(() => {}),
    liveRuntimes: () => Promise.resolve(new Set(["alive"])),
  });
  return {
    engine,
    registry,
    removed,
    janitor,
    root: folder.path,
    container(name: string, installation: string, runtime: string) {
      engine.containers.push({
        id: name,
        name,
        labels: {
          [LABEL.installation]: installation,
          [LABEL.runtime]: runtime,
        },
      });
    },
    image(tag: string, installation: string) {
      engine.images.set(tag, {
        id: tag,
        bytes: 1,
        labels: {
          [LABEL.installation]: installation,
          [LABEL.role]: "image",
        },
      });
    },
    async [Symbol.asyncDispose]() {
      await janitor[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("Janitor.sweep() removes containers of dead runtimes, and no other's", async () => {
  await using t = setUp();
  t.container("mine", OURS, "alive");
  t.container("orphan", OURS, "dead");
  t.container("foreign", "ffffffff", "dead");
  await t.janitor.sweep();
  deepStrictEqual(t.engine.containers.map(({ name }) => name), [
    "mine",
    "foreign",
  ]);
});

Deno.test("Janitor.sweep() removes images of no version, and no other's", async () => {
  await using t = setUp();
  const { id } = await t.registry.ensure("hello", {});
  for (const status of ["ready", "building", "failed"] as const) {
    const { version } = await t.registry.addVersion(id, "");
    await t.registry.updateVersion(id, version, {
      status,
      image: `function:${status}`,
    });
    t.image(`function:${status}`, OURS);
  }
  t.image("function:gone", OURS);
  t.image("function:foreign", "ffffffff");
  await t.janitor.sweep();
  deepStrictEqual(Array.from(t.engine.images.keys()), [
    "function:ready",
    "function:building",
    "function:foreign",
  ]);
  deepStrictEqual(t.removed, ["failed", "gone"]);
});

Deno.test("Janitor.sweep() removes old directories without a container", async () => {
  await using t = setUp();
  for (const name of ["used", "left", "young"]) {
    const path = `${t.root}/id/v1/${name}`;
    await Deno.mkdir(path, { recursive: true });
    if (name !== "young") await Deno.utime(path, OLD, OLD);
  }
  t.container("used", OURS, "alive");
  await t.janitor.sweep();
  const left = await Array.fromAsync(Deno.readDir(`${t.root}/id/v1`));
  deepStrictEqual(left.map(({ name }) => name).sort(), ["used", "young"]);
});

Deno.test({
  name: "Janitor.sweep() removes directories that still have a limit",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using t = setUp();
    const path = `${t.root}/id/v1/left`;
    await Deno.mkdir(path, { recursive: true });
    limitDirectory(path, 4_096);
    await Deno.utime(path, OLD, OLD);
    await t.janitor.sweep();
    await rejects(Deno.lstat(path), Deno.errors.NotFound);
  },
});

Deno.test("Janitor sweeps when a function is removed", async () => {
  await using t = setUp();
  const { id } = await t.registry.ensure("hello", {});
  await t.registry.addVersion(id, "");
  t.image("image", OURS);
  await t.registry.remove(id);
  await t.janitor[Symbol.asyncDispose]();
  strictEqual(t.engine.images.size, 0);
});
