/** What every registry must do. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import type { Registry, RegistryChange } from "../../src/contracts/port.ts";

const SHA = "0".repeat(64);

export type OpenRegistry = () => Promise<
  { registry: Registry } & AsyncDisposable
>;

export function registrySuite(name: string, open: OpenRegistry): void {
  function test(
    it: string,
    run: (registry: Registry) => Promise<void>,
  ): void {
    Deno.test(`${name} ${it}`, async () => {
      await using opened = await open();
      await run(opened.registry);
    });
  }

  test("finds a function by name and by id", async (registry) => {
    const record = await registry.ensure("hello", {});
    deepStrictEqual(await registry.find("hello"), record);
    deepStrictEqual(await registry.find(record.id), record);
    strictEqual(await registry.find("nope"), undefined);
    strictEqual(await registry.find(crypto.randomUUID()), undefined);
  });

  test("tells what is stored, by default of the version that serves", async (registry) => {
    const { id } = await registry.ensure("hello", {});
    deepStrictEqual(await registry.stored("nope", undefined), {});
    const { record, ...none } = await registry.stored("hello", undefined);
    deepStrictEqual([record?.id, none], [id, {}]);
    await registry.addVersion(id, SHA);
    await registry.updateVersion(id, 1, { status: "ready" });
    const { version } = await registry.stored(id, 1);
    strictEqual(version?.status, "ready");
    await registry.setCurrent(id, 1);
    deepStrictEqual((await registry.stored(id, undefined)).version, version);
  });

  test("changes settings, and unsets them", async (registry) => {
    const { id } = await registry.ensure("hello", {});
    const set = await registry.configure(id, { minWarm: 2, idleMs: 5 });
    deepStrictEqual(set.settings, { minWarm: 2, idleMs: 5 });
    const unset = await registry.configure(id, { idleMs: null, public: true });
    deepStrictEqual([unset.settings, unset.public], [{ minWarm: 2 }, true]);
    deepStrictEqual(await registry.find(id), unset);
  });

  test("makes one function of two calls at once", async (registry) => {
    const records = await Promise.all(
      Array.from({ length: 5 }, () => registry.ensure("hello", {})),
    );
    strictEqual(new Set(records.map(({ id }) => id)).size, 1);
    strictEqual((await registry.list()).length, 1);
  });

  test("gives out each version number once", async (registry) => {
    const { id } = await registry.ensure("hello", {});
    const versions = await Promise.all(
      Array.from({ length: 5 }, () => registry.addVersion(id, SHA)),
    );
    deepStrictEqual(versions.map(({ version }) => version).sort(), [
      1,
      2,
      3,
      4,
      5,
    ]);
    deepStrictEqual(
      (await registry.versions(id)).map(({ version }) => version),
      [1, 2, 3, 4, 5],
    );
  });

  test("serves only what is ready", async (registry) => {
    const { id } = await registry.ensure("hello", {});
    await registry.addVersion(id, SHA);
    await rejects(registry.setCurrent(id, 1), { code: "conflict" });
    await rejects(registry.setCurrent(id, 2), { code: "not_found" });
    await registry.updateVersion(id, 1, { status: "ready" });
    strictEqual((await registry.setCurrent(id, 1)).current, 1);
    strictEqual((await registry.find("hello"))?.current, 1);
  });

  test("forgets a version, but not the one that serves", async (registry) => {
    const { id } = await registry.ensure("hello", {});
    for (const version of [1, 2]) {
      await registry.addVersion(id, SHA);
      await registry.updateVersion(id, version, { status: "ready" });
    }
    await registry.setCurrent(id, 2);
    strictEqual(await registry.removeVersion(id, 2), false);
    strictEqual(await registry.removeVersion(id, 1), true);
    strictEqual(await registry.removeVersion(id, 1), true);
    strictEqual(await registry.version(id, 1), undefined);
    deepStrictEqual(
      (await registry.versions(id)).map(({ version }) => version),
      [2],
    );
    await rejects(registry.setCurrent(id, 1), { code: "not_found" });
    await rejects(registry.updateVersion(id, 1, {}), { code: "not_found" });
    strictEqual((await registry.addVersion(id, SHA)).version, 3);
  });

  test("keeps a setting that a later call does not speak of", async (registry) => {
    await registry.ensure("hello", { public: true });
    strictEqual((await registry.ensure("hello", {})).public, true);
    strictEqual(
      (await registry.ensure("hello", { public: false })).public,
      false,
    );
  });

  test("forgets a removed function, and makes another of that name", async (registry) => {
    const { id } = await registry.ensure("hello", {});
    await registry.addVersion(id, SHA);
    await registry.remove(id);
    strictEqual(await registry.find("hello"), undefined);
    strictEqual(await registry.find(id), undefined);
    deepStrictEqual(await registry.versions(id), []);
    await registry.remove(id);
    await rejects(registry.updateVersion(id, 1, {}), { code: "not_found" });
    const again = await registry.ensure("hello", {});
    strictEqual(again.id === id, false);
    strictEqual((await registry.addVersion(again.id, SHA)).version, 1);
  });

  test("tells of changes until it is told to stop", async (registry) => {
    const changes: RegistryChange[] = [];
    const watch = registry.onChange((change) => changes.push(change));
    const { id } = await registry.ensure("hello", {});
    await registry.addVersion(id, SHA);
    await registry.updateVersion(id, 1, { status: "ready" });
    await registry.remove(id);
    watch[Symbol.dispose]();
    await registry.ensure("other", {});
    const types = changes.map((change) =>
      change.type === "version"
        ? `version ${change.record.status}`
        : change.type
    );
    deepStrictEqual([...new Set(types)], [
      "function",
      "version queued",
      "version ready",
      "removed",
    ]);
  });
}
