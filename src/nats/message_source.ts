/** MessageSource over NATS: subscriptions in a queue group, and durable consumers. */
import type { JetStreamClient, JsMsg } from "@nats-io/jetstream";
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { AppError } from "../contracts/error.ts";
import type {
  MessageSource,
  StreamMessage,
  StreamReader,
} from "../contracts/message_source.ts";
import type { ObjectStore } from "../contracts/port.ts";
import type { Logger } from "../log.ts";
import { AttemptMarks } from "./attempt_marks.ts";
import { hasMultiFilter } from "./server_version.ts";
import { isSystemReply, TRIGGER_CONSUMER } from "./subject.ts";
import {
  ensureConsumers,
  removeConsumers,
  removeOrphanConsumers,
} from "./trigger_consumers.ts";
import { respond } from "./trigger_reply.ts";

/** How long one pull waits for a message, in milliseconds. */
const PULL_MS = 30_000;
/** The server takes no shorter pull, in milliseconds. */
const MIN_PULL_MS = 1_000;

export interface MessageSourceOptions {
  nc: NatsConnection;
  js: JetStreamClient;
  claims: ObjectStore;
  log: Logger;
}

export async function messageSource(
  { nc, js, claims, log }: MessageSourceOptions,
): Promise<MessageSource> {
  const jsm = await js.jetstreamManager();
  const marks = new AttemptMarks({ nc, jsm, log });
  return {
    subscribe({ id, subject }, callback) {
      const subscriptions = [subject].flat().map((each) =>
        nc.subscribe(each, {
          queue: `${TRIGGER_CONSUMER}-${id}`,
          callback(error, message) {
            if (error) {
              log.warn("Cannot listen to a subject", { subject: each, error });
              return;
            }
            callback({
              ...taken(message),
              // A forged one is nobody who waits.
              ...(message.reply && !isSystemReply(message.reply) && {
                respond: (came, as) => respond(nc, claims, message, came, as),
              }),
            });
          },
        })
      );
      return {
        [Symbol.dispose]: () =>
          subscriptions.forEach((each) => each.unsubscribe()),
      };
    },

    async read(trigger) {
      const stream = streamOf(trigger);
      const names = await ensureConsumers(
        jsm,
        stream,
        trigger,
        hasMultiFilter(nc.info?.version),
      );
      return await Promise.all(
        names.map((name) => reader(js, marks, stream, name)),
      );
    },

    async forget(trigger) {
      if (trigger.stream === undefined) return;
      await removeConsumers(jsm, trigger.stream, trigger.id).catch((error) => {
        // With the stream they went too.
        if (AppError.from(error).code !== "not_found") throw error;
      });
    },

    keepOnly: (ids) => removeOrphanConsumers(jsm, ids),
  };
}

async function reader(
  js: JetStreamClient,
  marks: AttemptMarks,
  stream: string,
  name: string,
): Promise<StreamReader> {
  const consumer = await js.consumers.get(stream, name);
  return {
    async next(count, waitMs) {
      const first = await consumer.next({ expires: PULL_MS });
      if (!first) {
        // Says so when it was removed.
        await consumer.info();
        return [];
      }
      const messages = [streamMessage(first, marks)];
      if (count === 1) return messages;
      const more = await consumer.fetch({
        max_messages: count - 1,
        expires: Math.max(MIN_PULL_MS, waitMs),
      });
      for await (const each of more) messages.push(streamMessage(each, marks));
      return messages;
    },
  };
}

function streamMessage(message: JsMsg, marks: AttemptMarks): StreamMessage {
  const { stream, streamSequence } = message.info;
  return {
    ...taken(message),
    stream,
    seq: streamSequence,
    begin: (signal) => marks.begin(message, signal),
    async ack() {
      await message.ackAck();
    },
    retry: (delayMs) => message.nak(delayMs),
    working: () => message.working(),
  };
}

function taken(message: Msg | JsMsg) {
  return {
    subject: message.subject,
    headers: plain(message.headers),
    data: message.data,
  };
}

function plain(h: MsgHdrs | undefined): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, values] of h ?? []) {
    plain[name.toLowerCase()] = values.join(", ");
  }
  return plain;
}

/** @throws {AppError} `invalid` */
function streamOf(
  { name, stream }: { name: string; stream?: string | undefined },
): string {
  if (stream !== undefined) return stream;
  throw new AppError("invalid", `Trigger "${name}" reads no stream`);
}
