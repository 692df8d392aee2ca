/** Messages of a stream while gateway, runtime and NATS are killed. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { ignoreRejections } from "../support/cut_off.ts";
import { report, seconds } from "../support/report.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { logCounts } from "./support/accepted.ts";
import { deployTelling, repeated } from "./support/telling.ts";
import { COUNT, whileKilled } from "./support/while_killed.ts";

const SETTLE_MS = 240_000;
const PUBLISH_MS = 120_000;

/** Publishes until the stream has it; the id keeps a repeat out. */
async function publish(stack: TestStack, n: number): Promise<void> {
  const js = jetstream(stack.nc);
  await until(async () => {
    try {
      await js.publish(`work.${n}`, JSON.stringify({ n }), { msgID: `n-${n}` });
      return true;
    } catch {
      return false;
    }
  }, PUBLISH_MS);
}

Deno.test("no message of a stream is lost or stuck while programs are killed; what runs twice says so", async () => {
  await using stack = await startTestStack("podman");
  await deployTelling(stack, "tells", "request.body['n']");
  const jsm = await jetstreamManager(stack.nc);
  await jsm.streams.add({ name: "WORK", subjects: ["work.>"] });
  const made = await stack.call("POST", "/api/functions/tells/triggers", {
    body: JSON.stringify({
      name: "work",
      type: "subject",
      subject: "work.>",
      stream: "WORK",
      deliver: "all",
      maxDeliver: 50,
      backoffMs: 100,
      concurrency: 4,
    }),
  });
  strictEqual(made.status, 201, await made.text());
  const begun = performance.now();
  using _ignoring = ignoreRejections();
  const pace = { atOnce: 4, pauseMs: 500 };
  const { kills } = await whileKilled(
    stack,
    pace,
    (index) => publish(stack, index),
  );

  let open = COUNT;
  await until(async () => {
    // The server may be back for its clients before it is for its streams.
    const [consumer] = await Array.fromAsync(jsm.consumers.list("WORK"))
      .catch(() => []);
    if (!consumer) return false;
    const { num_pending: waiting, num_ack_pending: running } = consumer;
    open = waiting + running;
    return open === 0 && consumer.ack_floor.stream_seq === COUNT;
  }, SETTLE_MS).catch(() => {});
  // NATS was killed, too, and its clients may not be back.
  await until(async () => {
    const ready = await stack.call("GET", "/readyz").catch(() => undefined);
    await ready?.body?.cancel();
    return ready?.ok ?? false;
  });
  const runs = await logCounts(stack, "tells");
  const dead = await stack.call("GET", "/api/dead");
  const { letters } = await dead.json();
  const unmarked = repeated(runs);
  const again = [...runs.keys()].filter((line) => !line.endsWith(" 1"));
  report([
    `${COUNT} messages of a stream`,
    kills,
    `${open} lost or stuck, ${letters.length} dead letters, ${unmarked.length} unmarked duplicates`,
    `${again.length} run again with a new attempt`,
    seconds(performance.now() - begun),
  ]);
  deepStrictEqual(
    { open, letters, unmarked },
    { open: 0, letters: [], unmarked: [] },
  );
});
