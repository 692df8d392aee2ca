/** The queue of asynchronous invocations, on a stream: a message stays until it is removed. */
import {
  JetStreamApiError,
  type JsMsg,
  type StoredMsg,
} from "@nats-io/jetstream";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import {
  AsyncMessage,
  type AsyncQueue,
  type QueuedMessage,
  type QueueEntry,
  writtenMessage,
} from "../contracts/async_queue.ts";
import { AppError } from "../contracts/error.ts";
import { DEFAULT_PRIORITY } from "../contracts/flow.ts";
import { parseJson } from "../contracts/parse.ts";
import type { ObjectStore } from "../contracts/port.ts";
import type { Sealer } from "../contracts/sealer.ts";
import { isCode } from "../nats/api_error.ts";
import type { AsyncParts } from "../nats/bootstrap_async.ts";
import { HEADER, STREAM, subject } from "../nats/subject.ts";
import { pause } from "../pause.ts";
import { queueLimit } from "./queue_limit.ts";
import { scan } from "./scan.ts";
import { sealedPayloads } from "./sealed_payloads.ts";
import { tail } from "./tail.ts";

/** How long a publish is tried over a break of the connection, in milliseconds. */
const PUBLISH_MS = 10_000;
const TRY_MS = 3_000;
const PAUSE_MS = 200;
/** The server's word for "the stream takes no more". */
const STORE_FAILED = 10077;

/** What a message's headers say of its order of service. */
export type Order = Pick<
  QueueEntry,
  "notBefore" | "priority" | "key" | "debounceMs"
>;

export interface WritableQueue extends AsyncQueue {
  /**
   * Durable when it returns. @returns whether the id waits there already
   *
   * @throws {AppError} `busy` when the queue is full, `unavailable`
   */
  publish(message: AsyncMessage, order: Order): Promise<boolean>;
  /** By the id of the invocation; faster where the function is known. */
  find(
    invocationId: string,
    functionId?: string,
  ): Promise<QueuedMessage | undefined>;
  /** What waits for a function, oldest first. */
  waiting(functionId: string): Promise<QueueEntry[]>;
}

type QueueParts = Pick<
  AsyncParts,
  "nc" | "js" | "jsm" | "publish" | "maxQueued"
>;

/** Sources that are told to come back when the queue is full. */
const CALLERS = ["http", "webhook"];

export function asyncQueue(
  { nc, js, jsm, publish: publishKept, maxQueued }: QueueParts,
  payloads: ObjectStore,
  sealer: Sealer,
): WritableQueue {
  const isFull = queueLimit(jsm, maxQueued);
  const sealed = sealedPayloads(nc, payloads, sealer);

  async function decode(
    stored: StoredMsg | null,
  ): Promise<QueuedMessage | undefined> {
    if (!stored) return undefined;
    const entry = toEntry(stored, stored.time.getTime());
    try {
      const text = new TextDecoder().decode(await sealed.read(stored));
      const message = parseJson(AsyncMessage, text, "a queued invocation");
      return { entry, content: { message } };
    } catch (error) {
      // What is only out of reach now can be read later.
      const isLasting = error instanceof AppError &&
        error.code !== "unavailable";
      if (!isLasting) throw error;
      return { entry, content: { error } };
    }
  }

  return {
    async publish(message, order) {
      const isCaller = CALLERS.includes(message.source.type);
      if (isCaller && await isFull().catch(() => false)) throw full();
      const bytes = new TextEncoder()
        .encode(JSON.stringify(writtenMessage(message)));
      const header = orderHeaders(order);
      const to = subject.async(message.functionId, message.invocationId);
      const data = await sealed.write(
        { subject: to, header },
        bytes,
        crypto.randomUUID(),
      );
      const isDuplicate = await store(publishKept, to, data, {
        messageId: message.invocationId,
        headers: header,
        timeoutMs: TRY_MS,
      });
      if (isDuplicate) await sealed.remove({ header });
      return isDuplicate;
    },

    follow(onEntry, signal) {
      void tail(
        { nc, js, jsm, stream: STREAM.async, headersOnly: true },
        (message) => onEntry(delivered(message)),
        signal,
      );
    },

    read: async (seq) =>
      await decode(await jsm.streams.getMessage(STREAM.async, { seq })),

    async find(invocationId, functionId = "*") {
      return await decode(
        await jsm.streams.getMessage(STREAM.async, {
          last_by_subj: subject.async(functionId, invocationId),
        }),
      );
    },

    async waiting(functionId) {
      const found: QueueEntry[] = [];
      const messages = scan(js, {
        stream: STREAM.async,
        filter: subject.async(functionId, "*"),
        headersOnly: true,
      });
      for await (const message of messages) found.push(delivered(message));
      return found;
    },

    async remove({ seq }) {
      const stored = await jsm.streams.getMessage(STREAM.async, { seq });
      if (!stored) return;
      await jsm.streams.deleteMessage(STREAM.async, seq, false)
        .catch((error) => {
          if (!(error instanceof JetStreamApiError)) throw error;
        });
      await sealed.remove(stored);
    },
  };
}

/** @returns whether the subject had its message already */
async function store(
  publish: AsyncParts["publish"],
  to: string,
  data: Uint8Array,
  options: Parameters<AsyncParts["publish"]>[2],
): Promise<boolean> {
  const limit = Date.now() + PUBLISH_MS;
  for (let isFirst = true;; isFirst = false) {
    try {
      const ack = await publish(to, data, options);
      // Of a second try the first may be the one that was stored.
      return isFirst && ack.duplicate;
    } catch (cause) {
      if (isCode(cause, STORE_FAILED)) {
        if (cause.message.includes("per subject")) return isFirst;
        throw full(cause);
      }
      if (Date.now() > limit) throw unreachable(cause);
      await pause(PAUSE_MS);
    }
  }
}

function orderHeaders(
  { notBefore, priority, key, debounceMs }: Order,
): MsgHdrs {
  const h = headers();
  if (notBefore > 0) h.set(HEADER.notBefore, String(notBefore));
  h.set(HEADER.priority, String(priority));
  if (key !== undefined) h.set(HEADER.concurrencyKey, key);
  if (debounceMs > 0) h.set(HEADER.debounceMs, String(debounceMs));
  return h;
}

function delivered(
  { seq, subject, headers, timestampNanos }: JsMsg,
): QueueEntry {
  return toEntry(
    { seq, subject, header: headers },
    Number(timestampNanos / 1_000_000n),
  );
}

/** Of headers that are not ours nothing is believed. */
function toEntry(
  { seq, subject, header }: {
    seq: number;
    subject: string;
    header: MsgHdrs | undefined;
  },
  acceptedAt: number,
): QueueEntry {
  const [functionId = "", invocationId = ""] = subject.split(".").slice(-2);
  const number = (name: string, fallback: number): number => {
    const text = header?.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : fallback;
  };
  return {
    seq,
    functionId,
    invocationId,
    acceptedAt,
    notBefore: number(HEADER.notBefore, 0),
    priority: Math.min(9, number(HEADER.priority, DEFAULT_PRIORITY)),
    key: header?.get(HEADER.concurrencyKey) || undefined,
    debounceMs: number(HEADER.debounceMs, 0),
  };
}

function full(cause?: unknown): AppError {
  return new AppError("busy", "Cannot accept more work: the queue is full", {
    hint: "Try again later, or raise OCHE_MAX_QUEUED",
    retryAfter: 5,
    cause,
  });
}

function unreachable(cause: unknown): AppError {
  const why = cause instanceof JetStreamApiError
    ? `the store says ${cause.message}`
    : "NATS does not answer";
  return new AppError("unavailable", `Cannot accept the work: ${why}`, {
    hint: "Send it again with the same Idempotency-Key",
    retryAfter: 5,
    cause,
  });
}
