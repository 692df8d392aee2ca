/** Following a bucket on a real NATS server. */
import { deepStrictEqual, strictEqual } from "node:assert";
import type { KvWatchEntry } from "@nats-io/kv";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { type View, watchBucket } from "../../src/store/watch.ts";
import { startTestNats } from "../support/nats_server.ts";
import { until } from "../support/until.ts";

/** Remembers what it was told, in order. */
class Told implements View {
  readonly lines: string[] = [];

  onPut(entry: KvWatchEntry): void {
    this.lines.push(`${entry.key} = ${entry.string()}`);
  }

  onRemoved({ key }: KvWatchEntry): void {
    this.lines.push(`${key} gone`);
  }
}

Deno.test("watchBucket() is ready once all that was stored has been read, however often it is overwritten", async () => {
  await using nats = await startTestNats();
  const { functions: kv } = await bootstrap(nats.nc);
  const count = 50;
  for (let i = 0; i < count; i++) await kv.put(`a.${i}`, "1");
  const view = new Told();
  const overwritten = Promise.all(
    Array.from({ length: count }, (_, i) => kv.put(`a.${i}`, "2")),
  );
  await using watch = await watchBucket(kv, view);
  await watch.ready;
  strictEqual(
    new Set(view.lines.map((line) => line.split(" ")[0])).size,
    count,
  );
  await overwritten;
});

Deno.test("watchBucket() tells of puts, deletes and purges, and of no mark of its own", async () => {
  await using nats = await startTestNats();
  const { functions: kv } = await bootstrap(nats.nc);
  const view = new Told();
  await using watch = await watchBucket(kv, view);
  await watch.ready;
  await using _other = await watchBucket(kv, new Told());
  // Of a key only the newest is kept: a slow watch would miss the one before.
  const told = (count: number) => until(() => view.lines.length >= count);
  await kv.put("a", "1");
  await told(1);
  await kv.delete("a");
  await told(2);
  await kv.put("b", "2");
  await told(3);
  await kv.purge("b");
  await told(4);
  deepStrictEqual(view.lines, ["a = 1", "a gone", "b = 2", "b gone"]);
});

Deno.test("watchBucket() that is disposed of is ready, and tells no more", async () => {
  await using nats = await startTestNats();
  const { functions: kv } = await bootstrap(nats.nc);
  const view = new Told();
  const watch = await watchBucket(kv, view);
  await watch[Symbol.asyncDispose]();
  await watch.ready;
  await kv.put("a", "1");
  await nats.nc.flush();
  deepStrictEqual(view.lines, []);
});
