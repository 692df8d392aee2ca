/** Streams of the benchmark's floors: one of its own, and what webhooks fill. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { STREAM } from "../nats/subject.ts";

const PLAIN = "BENCH";
const SUBJECT = "bench.plain";

/** Publishes with an id, as whoever wants it kept once does. */
export async function plainPublish(
  nc: NatsConnection,
): Promise<(bytes: Uint8Array) => Promise<void>> {
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name: PLAIN, subjects: [SUBJECT] })
    .catch(() => jsm.streams.info(PLAIN));
  const js = jetstream(nc);
  return async (bytes) => {
    await js.publish(SUBJECT, bytes, { msgID: crypto.randomUUID() });
  };
}

/** Removes what both streams hold. */
export async function emptyStreams(nc: NatsConnection): Promise<void> {
  const jsm = await jetstreamManager(nc);
  for (const name of [PLAIN, STREAM.async]) await jsm.streams.purge(name);
}
