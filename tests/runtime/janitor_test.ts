import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { limitDirectory } from "../../runtime/exchange/quota.ts";
import { Janitor } from "../../runtime/janitor.ts";
import { type ImageRole, LABEL } from "../../runtime/labels.ts";
import { createLogger } from "../../src/log.ts";
import { fakeEngine } from "../support/fake_engine.ts";
import { memoryRegistry } from "../support/memory.ts";
import { testSettings } from "../support/settings.ts";
import { tempDir } from "../support/temp_dir.ts";

const OURS = "0123abcd";
const IMAGES = `localhost/oche-${OURS}/function`;
const OLD = new Date(Date.now() - 3_600_000);

function setUp() {
  const folder = tempDir();
  const engine = fakeEngine();
  const registry = memoryRegistry();
  const removed: string[] = [];
  const janitor = new Janitor({
    engine,
    registry,
    settings: testSettings({ functionsDir: folder.path, keepVersions: 1 }),
    artefacts: {
      remove(content) {
        removed.push(content);
        return Promise.resolve();
      },
    },
    archives: {
      remove(name) {
        removed.push(name);
        return Promise.resolve();
      },
    },
    upkeep: {
      objects: () => Promise.resolve({ archives: [], artefacts: [] }),
      removeMarkers: () => Promise.resolve(),
    },
    loaderImage: `localhost/oche-${OURS}/loader:now`,
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
    image(tag: string, installation: string, role: ImageRole = "image") {
      engine.images.set(tag, {
        id: tag,
        bytes: 1,
        labels: {
          [LABEL.installation]: installation,
          [LABEL.role]: role,
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
  t.engine.containers.push({
    id: "persons",
    name: "of a person, from an image of ours",
    labels: { [LABEL.installation]: OURS, [LABEL.role]: "image" },
  });
  await t.janitor.sweep();
  deepStrictEqual(t.engine.containers.map(({ name }) => name), [
    "mine",
    "foreign",
    "of a person, from an image of ours",
  ]);
});

Deno.test("Janitor.sweep() removes images of no version, and no other's", async () => {
  await using t = setUp();
  const { id } = await t.registry.ensure("hello", {});
  for (const status of ["ready", "building", "failed"] as const) {
    const { version } = await t.registry.addVersion(id, "");
    await t.registry.updateVersion(id, version, {
      status,
      image: `${IMAGES}:${status}`,
    });
    t.image(`${IMAGES}:${status}`, OURS);
  }
  t.image(`${IMAGES}:gone`, OURS);
  t.image(`localhost/oche-ffffffff/function:foreign`, "ffffffff");
  await t.janitor.sweep();
  deepStrictEqual(Array.from(t.engine.images.keys()), [
    `${IMAGES}:ready`,
    `${IMAGES}:building`,
    `localhost/oche-ffffffff/function:foreign`,
  ]);
  deepStrictEqual(t.removed, ["failed", "gone"]);
});

Deno.test("Janitor.sweep() removes old directories without a container", async () => {
  await using t = setUp();
  for (
    const path of [
      ...["used", "left", "young"].map((name) => `${t.root}/id/v1/${name}`),
      `${t.root}/.build/left`,
      `${t.root}/.build/young`,
    ]
  ) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    await Deno.mkdir(path, { recursive: true });
    if (name !== "young") await Deno.utime(path, OLD, OLD);
  }
  t.container("used", OURS, "alive");
  await t.janitor.sweep();
  const left = await Array.fromAsync(Deno.readDir(`${t.root}/id/v1`));
  deepStrictEqual(left.map(({ name }) => name).sort(), ["used", "young"]);
  const builds = await Array.fromAsync(Deno.readDir(`${t.root}/.build`));
  deepStrictEqual(builds.map(({ name }) => name), ["young"]);
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
  t.image(`${IMAGES}:x`, OURS);
  await t.registry.remove(id);
  await t.janitor[Symbol.asyncDispose]();
  strictEqual(t.engine.images.size, 0);
});

Deno.test("Janitor.sweep() removes versions beyond the number that is kept, with all that is theirs", async () => {
  await using t = setUp();
  const { id } = await t.registry.ensure("hello", {});
  for (const version of [1, 2, 3]) {
    await t.registry.addVersion(id, "");
    const image = `${IMAGES}:v${version}`;
    await t.registry.updateVersion(id, version, { status: "ready", image });
    t.image(image, OURS);
  }
  await t.registry.setCurrent(id, 3);
  t.image("localhost/a-persons-own:1", OURS);
  await t.janitor.sweep();
  deepStrictEqual(
    (await t.registry.versions(id)).map(({ version }) => version),
    [2, 3],
  );
  deepStrictEqual(t.removed, [`${id}.1`, "v1"]);
  deepStrictEqual(Array.from(t.engine.images.keys()), [
    `${IMAGES}:v2`,
    `${IMAGES}:v3`,
    "localhost/a-persons-own:1",
  ]);
});

Deno.test("Janitor.sweep() removes loaders of an older Oche", async () => {
  await using t = setUp();
  for (const name of ["now", "before"]) {
    t.image(`localhost/oche-${OURS}/loader:${name}`, OURS, "loader");
  }
  await t.janitor.sweep();
  deepStrictEqual(Array.from(t.engine.images.keys()), [
    `localhost/oche-${OURS}/loader:now`,
  ]);
});

Deno.test("Janitor.sweep() asks the engine once for its containers, and once for its images", async () => {
  await using t = setUp();
  const asked: string[] = [];
  const { list, listImages } = t.engine;
  t.engine.list = (labels) => {
    asked.push("containers");
    return list(labels);
  };
  t.engine.listImages = (labels) => {
    asked.push("images");
    return listImages(labels);
  };
  await t.janitor.sweep();
  deepStrictEqual(asked, ["containers", "images"]);
});

Deno.test("Janitor.sweep() removes no image while there are records that it cannot read", async () => {
  await using t = setUp();
  t.registry.unreadable = () => Promise.resolve(["ver.of-a-later-oche.1"]);
  t.image(`${IMAGES}:theirs`, OURS);
  await t.janitor.sweep();
  deepStrictEqual(Array.from(t.engine.images.keys()), [`${IMAGES}:theirs`]);
  deepStrictEqual(t.removed, []);
});
