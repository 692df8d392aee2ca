/** Publishes so that the server has it: into a stream where one takes the subject. */
import { JetStreamApiCodes, type JetStreamClient } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { isCode } from "./api_error.ts";
import { HEADER } from "./subject.ts";

export type DurablePublish = (
  subject: string,
  bytes: Uint8Array,
  headers: Record<string, string>,
  id: string,
) => Promise<void>;

/**
 * Resolves when the stream has kept it; where there is none, when the server
 * has it. A stream knows what is published twice by its id.
 */
export async function durablePublish(
  nc: NatsConnection,
  js: JetStreamClient,
): Promise<DurablePublish> {
  const jsm = await js.jetstreamManager();

  async function hasStream(subject: string): Promise<boolean> {
    try {
      await jsm.streams.find(subject);
      return true;
    } catch (error) {
      if (isCode(error, JetStreamApiCodes.StreamNotFound)) return false;
      throw error;
    }
  }

  return async (to, bytes, given, id) => {
    const h = headers();
    for (const [name, value] of Object.entries(given)) h.set(name, value);
    h.set(HEADER.messageId, id);
    if (await hasStream(to)) {
      await js.publish(to, bytes, { headers: h });
    } else {
      nc.publish(to, bytes, { headers: h });
      await nc.flush();
    }
  };
}
