import { deepStrictEqual, strictEqual } from "node:assert";
import { createLogger } from "../../src/log.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { startHeartbeat } from "../../src/nats/heartbeat.ts";
import { BUCKET } from "../../src/nats/subject.ts";
import { startTestNats } from "../support/nats_server.ts";

Deno.test("startHeartbeat() knows who lives and who left, and leaves no consumer", async () => {
  await using nats = await startTestNats();
  const { runtimes: kv, js } = await bootstrap(nats.nc);
  const log = createLogger(() => {});
  await using one = await startHeartbeat({ kv, js }, "one", log);
  const two = await startHeartbeat({ kv, js }, "two", log);
  deepStrictEqual(await one.live(), new Set(["one", "two"]));
  await two[Symbol.asyncDispose]();
  deepStrictEqual(await one.live(), new Set(["one"]));
  const { streams } = await js.jetstreamManager();
  const { state } = await streams.info(`KV_${BUCKET.runtimes}`);
  strictEqual(state.consumer_count, 0);
});
