import { deepStrictEqual } from "node:assert";
import { removeOrphanObjects } from "../../../runtime/garbage/objects.ts";
import { createLogger } from "../../../src/log.ts";
import { memoryRegistry } from "../../support/memory.ts";

const OLD = Date.now() - 3_600_000;

Deno.test("removeOrphanObjects() removes old objects of no version, and markers", async () => {
  const registry = memoryRegistry();
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
  deepStrictEqual(removed, [`${id}.2`, `${id}.9`, "failed", "gone", "markers"]);
});
