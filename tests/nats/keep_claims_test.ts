import { rejects } from "node:assert";
import { createLogger } from "../../src/log.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { keepClaims } from "../../src/nats/keep_claims.ts";
import { BUCKET } from "../../src/nats/subject.ts";
import { startTestNats } from "../support/nats_server.ts";
import { until } from "../support/until.ts";

Deno.test("a server that was started anew gets its bucket of claims again", async () => {
  await using nats = await startTestNats();
  const { js } = await bootstrap(nats.nc);
  const jsm = await js.jetstreamManager();
  const keeping = keepClaims(nats.nc, js, createLogger(() => {}));
  const stream = `OBJ_${BUCKET.claims}`;
  for (let restart = 0; restart < 2; restart++) {
    // In memory, it goes with the server; here it is taken away.
    await jsm.streams.delete(stream);
    await rejects(jsm.streams.info(stream));
    await nats.nc.reconnect();
    await until(async () => {
      try {
        await jsm.streams.info(stream);
        return true;
      } catch {
        return false;
      }
    });
  }
  await nats.nc.close();
  await keeping;
});
