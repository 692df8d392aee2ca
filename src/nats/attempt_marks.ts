/**
 * Which attempt of a message this is. The server counts deliveries, but writes
 * them down after some time, and forgets the last ones when it is killed; so
 * each attempt is marked in a stream before it is made.
 */
import {
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parseJson } from "../contracts/parse.ts";
import { encodeUtf8 } from "../contracts/utf8.ts";
import type { Logger } from "../log.ts";
import { pause } from "../pause.ts";
import { isOutrun } from "./api_error.ts";
import { streamPublish } from "./stream_publish.ts";
import { HEADER, STREAM, subject } from "./subject.ts";

const TIMEOUT_MS = 5_000;
/** Until what failed is tried again, in milliseconds. */
const RETRY_MS = 1_000;
/** Until who was outrun looks again, in milliseconds. */
const OUTRUN_MS = 10;

const Mark = z.object({
  attempt: z.int().positive(),
  /** When the message came: another may have its number in a stream made anew. */
  at: z.number(),
  /** Who began it: what was kept may not have been heard to be. */
  by: z.string(),
});
type Mark = z.infer<typeof Mark>;

export interface AttemptMarksOptions {
  nc: NatsConnection;
  jsm: JetStreamManager;
  log: Logger;
  /** As `RETRY_MS`. */
  retryMs?: number;
}

export class AttemptMarks {
  readonly #options: AttemptMarksOptions;
  readonly #publish;

  constructor(options: AttemptMarksOptions) {
    this.#options = options;
    this.#publish = streamPublish(options.nc);
  }

  /**
   * Marks one more attempt at the message, and resolves when that is kept,
   * however long it takes. Where the server has no room for a mark its count of
   * deliveries must do.
   *
   * @returns the attempt's number, from 1
   * @throws {AppError} `unavailable` at the signal
   */
  async begin(message: JsMsg, signal: AbortSignal): Promise<number> {
    const { log, retryMs = RETRY_MS } = this.#options;
    const by = crypto.randomUUID();
    let isTold = false;
    for (;;) {
      try {
        return await this.#mark(message, by);
      } catch (error) {
        const deliveries = message.info.deliveryCount;
        const isRefused = error instanceof JetStreamApiError;
        if (!isTold) {
          const what = isRefused
            ? "Cannot mark an attempt at a message; the server's count is taken"
            : "Cannot mark an attempt at a message; it waits";
          log.warn(what, { subject: message.subject, error });
        }
        if (isRefused) return deliveries;
        isTold = true;
        await pause(retryMs, signal);
        if (signal.aborted) throw ending();
      }
    }
  }

  /** @param by Whose mark it is, however often it is tried. */
  async #mark({ info }: JsMsg, by: string): Promise<number> {
    const { consumer, streamSequence, timestampNanos: at } = info;
    const { deliveryCount: deliveries } = info;
    const to = subject.attempt(consumer, streamSequence);
    // Nearly always there is none yet, and one question tells that too.
    if (await this.#write(to, { attempt: deliveries, at, by }, 0)) {
      return deliveries;
    }
    for (;;) {
      const { mark, seq } = await this.#read(to);
      const before = mark?.at === at ? mark : undefined;
      if (before?.by === by) return before.attempt;
      const attempt = Math.max(deliveries, (before?.attempt ?? 0) + 1);
      if (await this.#write(to, { attempt, at, by }, seq)) return attempt;
      await pause(OUTRUN_MS);
    }
  }

  /** @returns whether the last mark was the one expected: 0 for none */
  async #write(to: string, mark: Mark, last: number): Promise<boolean> {
    const h = headers();
    h.set(HEADER.expectedLast, String(last));
    try {
      await this.#publish(to, encodeUtf8(JSON.stringify(mark)), {
        headers: h,
        timeoutMs: TIMEOUT_MS,
      });
      return true;
    } catch (error) {
      if (isOutrun(error)) return false;
      throw error;
    }
  }

  /** Asked of the stream's leader: a copy of it may be late. */
  async #read(to: string): Promise<{ mark: Mark | undefined; seq: number }> {
    const { jsm } = this.#options;
    const kept = await jsm.streams.getMessage(STREAM.attempt, {
      last_by_subj: to,
    });
    return kept
      ? { mark: readMark(kept.string()), seq: kept.seq }
      : { mark: undefined, seq: 0 };
  }
}

/** What makes no sense is none of ours, and written over. */
function readMark(text: string): Mark | undefined {
  try {
    return parseJson(Mark, text, "a mark");
  } catch {
    return undefined;
  }
}

function ending(): AppError {
  return new AppError("unavailable", "Cannot begin with a message: it ends");
}
