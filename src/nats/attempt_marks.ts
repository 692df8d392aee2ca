/**
 * Which attempt of a message this is. The server counts deliveries, but writes
 * them down after some time, and forgets the last ones when it is killed; so
 * each attempt is marked in a stream before it is made.
 */
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { z } from "zod";
import { parseJson } from "../contracts/parse.ts";
import { encodeUtf8 } from "../contracts/utf8.ts";
import { streamPublish } from "./stream_publish.ts";
import { HEADER, STREAM, subject } from "./subject.ts";

const TIMEOUT_MS = 5_000;

const Mark = z.object({
  attempt: z.int().nonnegative(),
  /** When the message came: another may have its number in a stream made anew. */
  at: z.number(),
});
type Mark = z.infer<typeof Mark>;

export interface AttemptMarks {
  /**
   * Marks one more attempt at the message, and resolves when that is kept.
   *
   * @returns its number, from 1
   * @throws {AppError} `unavailable`, `timeout`
   */
  begin(message: JsMsg): Promise<number>;
  /** Nothing ran after all: the number is the next attempt's. */
  undo(message: JsMsg, attempt: number): Promise<void>;
}

export function attemptMarks(
  nc: NatsConnection,
  jsm: JetStreamManager,
): AttemptMarks {
  const publish = streamPublish(nc);

  /** @returns whether the last mark was the one expected: 0 for none */
  async function write(to: string, mark: Mark, last: number): Promise<boolean> {
    const h = headers();
    h.set(HEADER.expectedLast, String(last));
    try {
      await publish(to, encodeUtf8(JSON.stringify(mark)), {
        headers: h,
        timeoutMs: TIMEOUT_MS,
      });
      return true;
    } catch (error) {
      if (isOutrun(error)) return false;
      throw error;
    }
  }

  async function read(to: string): Promise<{ mark: Mark; seq: number }> {
    const kept = await jsm.direct.getMessage(STREAM.attempt, {
      last_by_subj: to,
    });
    return kept
      ? { mark: parseJson(Mark, kept.string(), "a mark"), seq: kept.seq }
      : { mark: { attempt: 0, at: 0 }, seq: 0 };
  }

  return {
    async begin(message) {
      const { at, to, deliveries } = placeOf(message);
      // Nearly always there is none yet, and one question tells that too.
      if (await write(to, { attempt: deliveries, at }, 0)) return deliveries;
      for (;;) {
        const { mark, seq } = await read(to);
        const attempt = mark.at === at ? mark.attempt + 1 : deliveries;
        if (await write(to, { attempt, at }, seq)) return attempt;
      }
    },

    async undo(message, attempt) {
      const { at, to } = placeOf(message);
      const { mark, seq } = await read(to);
      // Another gateway may have begun since.
      if (mark.at !== at || mark.attempt !== attempt) return;
      await write(to, { attempt: attempt - 1, at }, seq);
    },
  };
}

function placeOf({ info }: JsMsg) {
  const { consumer, streamSequence, deliveryCount, timestampNanos } = info;
  return {
    to: subject.attempt(consumer, streamSequence),
    at: timestampNanos,
    deliveries: deliveryCount,
  };
}

function isOutrun(error: unknown): boolean {
  return error instanceof JetStreamApiError &&
    error.code === JetStreamApiCodes.StreamWrongLastSequence;
}
