/** A stream of the benchmark's own, and plain publishes into it. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";

const STREAM = "BENCH";
const SUBJECT = "bench.plain";

/** Publishes with an id, as whoever wants it kept once does. */
export async function plainPublish(
  nc: NatsConnection,
): Promise<(bytes: Uint8Array) => Promise<void>> {
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name: STREAM, subjects: [SUBJECT] })
    .catch(() => jsm.streams.info(STREAM));
  const js = jetstream(nc);
  return async (bytes) => {
    await js.publish(SUBJECT, bytes, { msgID: crypto.randomUUID() });
  };
}
