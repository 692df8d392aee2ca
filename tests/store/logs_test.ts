import { deepStrictEqual, strictEqual } from "node:assert";
import type { LogBatch } from "../../src/contracts/log.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { logStore } from "../../src/store/logs.ts";
import { startTestNats } from "../support/nats_server.ts";

const ID = "a0000000-0000-4000-8000-000000000000";
const OTHER = "b0000000-0000-4000-8000-000000000000";

function batch(
  functionId: string,
  invocationId: string,
  messages: string[],
  version = 1,
): LogBatch {
  return {
    functionId,
    version,
    invocationId,
    lines: messages.map((message) => ({
      level: "info",
      message,
      timestamp: "2026-01-01T00:00:00.000Z",
    })),
  };
}

Deno.test("logStore() gives the newest lines of one function, newest last", async () => {
  await using nats = await startTestNats();
  const logs = await logStore((await bootstrap(nats.nc)).js);
  await logs.append(batch(ID, "i1", ["a", "b"]));
  await logs.append(batch(OTHER, "x", ["other"]));
  await logs.append(batch(ID, "i2", ["c"], 2));
  async function messages(query: Partial<Parameters<typeof logs.query>[1]>) {
    const lines = await logs.query(ID, { limit: 10, ...query });
    return lines.map(({ message }) => message);
  }
  deepStrictEqual(await messages({}), ["a", "b", "c"]);
  deepStrictEqual(await messages({ limit: 2 }), ["b", "c"]);
  deepStrictEqual(await messages({ version: 1 }), ["a", "b"]);
  deepStrictEqual(await messages({ invocation: "i2" }), ["c"]);
  await logs.purge(ID);
  deepStrictEqual(await messages({}), []);
  strictEqual((await logs.query(OTHER, { limit: 10 })).length, 1);
});

Deno.test("logStore() keeps a batch over the size of a message", async () => {
  await using nats = await startTestNats();
  const logs = await logStore((await bootstrap(nats.nc)).js);
  await logs.append(batch(ID, "i", Array(40).fill("x".repeat(60_000))));
  strictEqual((await logs.query(ID, { limit: 100 })).length, 40);
});
