/** What every store of triggers must do. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import type {
  CronTrigger,
  Triggers,
  TriggersChange,
} from "../../src/contracts/trigger.ts";

export type OpenTriggers = () => Promise<
  { triggers: Triggers } & AsyncDisposable
>;

export function cronRecord(name: string): CronTrigger {
  return {
    id: crypto.randomUUID(),
    functionId: crypto.randomUUID(),
    name,
    type: "cron",
    enabled: true,
    expression: "* * * * *",
    timeZone: "UTC",
    missed: "skip",
    overlap: "allow",
    jitterMs: 0,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
  };
}

export function triggersSuite(name: string, open: OpenTriggers): void {
  function test(it: string, run: (triggers: Triggers) => Promise<void>): void {
    Deno.test(`${name} ${it}`, async () => {
      await using opened = await open();
      await run(opened.triggers);
    });
  }

  test("finds by name and by id, and lists by name", async (triggers) => {
    const [b, a] = [cronRecord("b"), cronRecord("a")];
    await triggers.create(b);
    await triggers.create(a);
    deepStrictEqual(await triggers.find("a"), a);
    deepStrictEqual(await triggers.find(a.id), a);
    strictEqual(await triggers.find("c"), undefined);
    strictEqual(await triggers.find(crypto.randomUUID()), undefined);
    deepStrictEqual(await triggers.list(), [a, b]);
  });

  test("gives a name to one of several at once", async (triggers) => {
    const made = await Promise.allSettled(
      Array.from({ length: 5 }, () => triggers.create(cronRecord("nightly"))),
    );
    const refused = made.filter(({ status }) => status === "rejected");
    strictEqual(refused.length, 4);
    strictEqual((await triggers.list()).length, 1);
    await rejects(triggers.create(cronRecord("nightly")), { code: "conflict" });
  });

  test("loses no change of several at once", async (triggers) => {
    const { id } = cronRecord("x");
    await triggers.create({ ...cronRecord("x"), id, jitterMs: 0 });
    await Promise.all(
      Array.from(
        { length: 5 },
        () =>
          triggers.update(
            id,
            (record) =>
              record.type === "cron"
                ? { ...record, jitterMs: record.jitterMs + 1 }
                : record,
          ),
      ),
    );
    const found = await triggers.find("x");
    strictEqual(found?.type === "cron" && found.jitterMs, 5);
    await rejects(triggers.update("y", (record) => record), {
      code: "not_found",
    });
  });

  test("forgets what is removed, and the name is free again", async (triggers) => {
    const first = cronRecord("x");
    await triggers.create(first);
    await triggers.remove(first.id);
    await triggers.remove("x");
    strictEqual(await triggers.find("x"), undefined);
    strictEqual(await triggers.find(first.id), undefined);
    const second = cronRecord("x");
    await triggers.create(second);
    deepStrictEqual(await triggers.find("x"), second);
    deepStrictEqual(await triggers.list(), [second]);
  });

  test("tells of changes until it is told to stop", async (triggers) => {
    const changes: string[] = [];
    const watch = triggers.onChange(({ type, record }: TriggersChange) =>
      changes.push(`${type} ${record.name} ${record.enabled}`)
    );
    await triggers.create(cronRecord("x"));
    await triggers.update("x", (record) => ({ ...record, enabled: false }));
    await triggers.remove("x");
    watch[Symbol.dispose]();
    await triggers.create(cronRecord("y"));
    deepStrictEqual([...new Set(changes)], [
      "put x true",
      "put x false",
      "removed x false",
    ]);
  });
}
