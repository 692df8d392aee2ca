import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
} from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { streamPublish } from "../../src/nats/stream_publish.ts";
import { startTestNats } from "../support/nats_server.ts";

const BYTES = new TextEncoder().encode("text");

Deno.test("streamPublish() resolves when the stream has the message, and tells a repeat", async () => {
  await using nats = await startTestNats();
  const jsm = await jetstreamManager(nats.nc);
  await jsm.streams.add({ name: "KEPT", subjects: ["kept.>"] });
  const publish = streamPublish(nats.nc);
  const options = () => ({ headers: headers(), timeoutMs: 5_000 });
  const acks = await Promise.all(
    ["a", "b", "a"].map((messageId) =>
      publish("kept.x", BYTES, { ...options(), messageId })
    ),
  );
  deepStrictEqual(acks.map(({ duplicate }) => duplicate).sort(), [
    false,
    false,
    true,
  ]);
  const { state } = await jsm.streams.info("KEPT");
  strictEqual(state.messages, 2);
});

Deno.test("streamPublish() throws what the stream refuses, and when there is none", async () => {
  await using nats = await startTestNats();
  const jsm = await jetstreamManager(nats.nc);
  await jsm.streams.add({
    name: "FULL",
    subjects: ["full.>"],
    max_msgs: 1,
    discard: DiscardPolicy.New,
  });
  const publish = streamPublish(nats.nc);
  const options = () => ({ headers: headers(), timeoutMs: 5_000 });
  await publish("full.x", BYTES, { ...options(), messageId: "a" });
  await rejects(
    publish("full.x", BYTES, { ...options(), messageId: "b" }),
    (error) => error instanceof JetStreamApiError && error.code === 10077,
  );
  await rejects(
    publish("none.x", BYTES, { ...options(), messageId: "a" }),
    { code: "unavailable" },
  );
});
