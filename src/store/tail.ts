/** Follows a stream: what it holds, then what comes, over every break of the connection. */
import {
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { pause } from "../pause.ts";

/** How long one pull waits, in milliseconds. */
const PULL_MS = 30_000;
const BATCH = 1_000;
/** Between tries while there is no server, in milliseconds. */
const PAUSE_MS = 300;
/** Pulls after which everything is read again: a view that missed one heals. */
const ROUNDS = 20;

export interface TailOptions {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  stream: string;
  /** Leave the payloads where they are. */
  headersOnly: boolean;
}

/**
 * Every message of the stream at least once, oldest first, until the signal.
 *
 * Each pull has a consumer of its own: none outlives a killed server or a
 * killed reader, and a sequence that was not seen is asked for again.
 */
export async function tail(
  options: TailOptions,
  onMessage: (message: JsMsg) => void,
  signal: AbortSignal,
): Promise<void> {
  const current: Current = { stop: undefined };
  const stop = () => current.stop?.();
  signal.addEventListener("abort", stop, { once: true });
  void onDisconnect(options.nc, stop);
  let next = 1;
  for (let round = 1; !signal.aborted; round++) {
    try {
      const { state } = await options.jsm.streams.info(options.stream);
      if (round % ROUNDS === 0 || state.last_seq + 1 < next) next = 1;
      for await (const message of await pull(options, next, current)) {
        next = message.seq + 1;
        onMessage(message);
      }
    } catch {
      // No server for a while; what is missed is read again from `next`.
      await pause(PAUSE_MS, signal);
    }
  }
}

/** The pull under way, so that a break ends it: its server knows nothing of it. */
interface Current {
  stop: (() => void) | undefined;
}

async function* pull(
  { js, stream, headersOnly }: TailOptions,
  from: number,
  current: Current,
): AsyncGenerator<JsMsg> {
  const consumer = await js.consumers.get(stream, {
    headers_only: headersOnly,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    inactive_threshold: 2 * PULL_MS,
  });
  const messages = await consumer.fetch({
    max_messages: BATCH,
    expires: PULL_MS,
  });
  current.stop = () => messages.stop();
  try {
    yield* messages;
  } finally {
    current.stop = undefined;
    consumer.delete().catch(() => {});
  }
}

async function onDisconnect(
  nc: NatsConnection,
  act: () => void,
): Promise<void> {
  for await (const { type } of nc.status()) if (type === "disconnect") act();
}
