import { strictEqual } from "node:assert";
import { AckPolicy, type JsMsg } from "@nats-io/jetstream";
import { attemptMarks } from "../../src/nats/attempt_marks.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { startTestNats, type TestNats } from "../support/nats_server.ts";

const NAME = "WORK";

/** Marks of two gateways, and the first message of a stream that is made anew. */
async function world(nats: TestNats) {
  const { js } = await bootstrap(nats.nc);
  await bootstrapAccess(js);
  const jsm = await js.jetstreamManager();
  return {
    one: attemptMarks(nats.nc, jsm),
    two: attemptMarks(nats.nc, jsm),
    async first(): Promise<JsMsg> {
      await jsm.streams.delete(NAME).catch(() => {});
      await jsm.streams.add({ name: NAME, subjects: ["work"] });
      await jsm.consumers.add(NAME, {
        durable_name: "reads",
        ack_policy: AckPolicy.Explicit,
      });
      await js.publish("work", "x");
      const consumer = await js.consumers.get(NAME, "reads");
      const message = await consumer.next();
      if (!message) throw new Error("There is no message");
      return message;
    },
  };
}

Deno.test("each attempt has another number, whichever gateway makes it", async () => {
  await using nats = await startTestNats();
  const { one, two, first } = await world(nats);
  const message = await first();
  strictEqual(await one.begin(message), 1);
  strictEqual(await two.begin(message), 2);
  const both = await Promise.all([one.begin(message), two.begin(message)]);
  strictEqual(both.toSorted().join(), "3,4");
});

Deno.test("an attempt that was none is not counted, unless another has begun", async () => {
  await using nats = await startTestNats();
  const { one, two, first } = await world(nats);
  const message = await first();
  await one.undo(message, await one.begin(message));
  strictEqual(await two.begin(message), 1);
  strictEqual(await one.begin(message), 2);
  await two.undo(message, 1);
  strictEqual(await two.begin(message), 3);
});

Deno.test("a message of a stream that was made anew has no attempts yet", async () => {
  await using nats = await startTestNats();
  const { one, first } = await world(nats);
  await one.begin(await first());
  strictEqual(await one.begin(await first()), 1);
});
