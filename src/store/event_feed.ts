/** EventFeed over NATS: the newest from the stream, and what comes from now on. */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { CloudEvent } from "../contracts/cloud_event.ts";
import type { EventFeed } from "../contracts/event.ts";
import { parseJson } from "../contracts/parse.ts";
import { STREAM, subject } from "../nats/subject.ts";
import { scan } from "./scan.ts";

const ALL = ">";

export async function openEventFeed(
  nc: NatsConnection,
  js: JetStreamClient,
): Promise<EventFeed & Disposable> {
  const jsm = await js.jetstreamManager();
  const ended = Promise.withResolvers<void>();
  return {
    latest: ({ type, limit }) => latest(js, jsm, type, limit),

    async follow(type, callback, signal) {
      const subscription = nc.subscribe(subject.event(type), {
        callback(error, message) {
          const event = error ? undefined : read(message);
          if (event) callback(event);
        },
      });
      await nc.flush();
      const aborted = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => aborted.resolve());
      if (!signal.aborted) await Promise.race([aborted.promise, ended.promise]);
      subscription.unsubscribe();
    },

    /** Ends every follower. */
    [Symbol.dispose]: () => ended.resolve(),
  };
}

async function latest(
  js: JetStreamClient,
  jsm: JetStreamManager,
  type: string,
  limit: number,
): Promise<CloudEvent[]> {
  const { state } = await jsm.streams.info(STREAM.event);
  // Without a filter the last ones are known by their numbers.
  const first = type === ALL ? Math.max(1, state.last_seq - limit + 1) : 1;
  const found: CloudEvent[] = [];
  const messages = scan(js, {
    stream: STREAM.event,
    filter: subject.event(type),
    from: first,
  });
  for await (const message of messages) {
    const event = read(message);
    if (event) found.push(event);
    if (found.length > limit) found.shift();
  }
  return found;
}

/** Others may publish there too; what is no event is passed over. */
function read(message: Pick<Msg, "string">): CloudEvent | undefined {
  try {
    return parseJson(CloudEvent, message.string(), "an event");
  } catch {
    return undefined;
  }
}
