/** Publishing into a stream: one message, and the server's word that it is kept. */
import { JetStreamApiError } from "@nats-io/jetstream";
import type { MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { z } from "zod";
import { parseJson } from "../contracts/parse.ts";
import { Requests } from "./requests.ts";
import { HEADER } from "./subject.ts";

/** What a stream answers (NATS ADR-1). */
const Ack = z.object({
  error: z.object({
    code: z.int(),
    err_code: z.int(),
    description: z.string(),
  }).optional(),
  duplicate: z.boolean().default(false),
});

export interface StreamPublishOptions {
  /** The stream keeps the same id once, within its window. */
  messageId?: string;
  headers: MsgHdrs;
  timeoutMs: number;
}

/**
 * Resolves when the stream has kept the message.
 *
 * @throws {JetStreamApiError} what the stream refuses
 * @throws {AppError} `unavailable` without a stream, `timeout`
 */
export type StreamPublish = (
  subject: string,
  bytes: Uint8Array,
  options: StreamPublishOptions,
) => Promise<{ duplicate: boolean }>;

export function streamPublish(nc: NatsConnection): StreamPublish {
  const requests = new Requests(nc);

  return async (subject, bytes, { messageId, headers, timeoutMs }) => {
    if (messageId !== undefined) headers.set(HEADER.messageId, messageId);
    const reply = await requests.ask(subject, bytes, { headers, timeoutMs });
    const { error, duplicate } = parseJson(
      Ack,
      reply.string(),
      "the answer of the stream",
    );
    if (error) throw new JetStreamApiError(error);
    return { duplicate };
  };
}
