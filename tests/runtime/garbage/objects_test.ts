import { deepStrictEqual } from "node:assert";
import { removeOrphanObjects } from "../../../runtime/garbage/objects.ts";
import { createLogger } from "../../../src/log.ts";
import { memoryRegistry } from "../../support/memory.ts";

const OLD = Date.now() - 3_600_000;

/** Some of three versions, the second failed and the ninth gone, and what was removed. */
async function sweep(unreadable: string[]): Promise<string[]> {
  const registry = memoryRegistry();
  registry.unreadable = () => Promise.resolve(unreadable);
  const { id } = await registry.ensure("hello", {});
  await registry.addVersion(id, "");
  await registry.updateVersion(id, 1, { status: "ready", image: "f:kept" });
  await registry.addVersion(id, "");
  await registry.updateVersion(id, 2, { status: "failed", image: "f:failed" });
  const removed: string[] = [];
  const remove = (name: string) => {
    removed.push(name);
    return Promise.resolve();
  };
  const stored = (name: string, modifiedAt = OLD) => ({
    name,
    bytes: 1,
    modifiedAt,
  });
  await removeOrphanObjects({
    registry,
    archives: { remove },
    artefacts: { remove },
    upkeep: {
      objects: () =>
        Promise.resolve({
          archives: [`${id}.1`, `${id}.2`, `${id}.9`].map((name) =>
            stored(name)
          )
            .concat(stored("young", Date.now())),
          artefacts: ["kept", "failed", "gone"].map((name) => stored(name)),
        }),
      removeMarkers: () => remove("markers"),
    },
    log: createLogger(() => {}),
  });
  return removed.map((name) => name.replace(id, "id"));
}

Deno.test("removeOrphanObjects() removes old objects of no version, and markers", async () => {
  deepStrictEqual(
    await sweep([]),
    ["id.2", "id.9", "failed", "gone", "markers"],
  );
});

Deno.test("removeOrphanObjects() removes nothing while there are records that cannot be read", async () => {
  deepStrictEqual(await sweep(["ver.of-a-later-oche.1"]), []);
});
