/** Serves RuntimeHandlers over NATS: invokes, validations, the deploy queue. */
import type { JetStreamClient, JsMsg } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { isRequestAsIs } from "../contracts/as_is.ts";
import { bodySize, ENCODING_FACTOR } from "../contracts/body.ts";
import { CloudRequest } from "../contracts/cloud.ts";
import { DeployEvent, ValidateRequest } from "../contracts/deploy.ts";
import { AppError } from "../contracts/error.ts";
import { FunctionRef, isFunctionId } from "../contracts/function.ts";
import { keepJson } from "../contracts/json_source.ts";
import { parse, parseJson } from "../contracts/parse.ts";
import type { ObjectStore, RuntimeHandlers } from "../contracts/port.ts";
import { toProblem } from "../contracts/problem.ts";
import type { Logger } from "../log.ts";
import { pause } from "../pause.ts";
import { HeldCalls } from "./call_watch.ts";
import { eventRequest } from "./event_message.ts";
import { problemHeaders, readOptions, writeReply } from "./invoke_codec.ts";
import { type Microservice, serveMicro } from "./micro.ts";
import { decodeText, pack, unpackBytes } from "./payload.ts";
import { ReplyBatch } from "./reply_batch.ts";
import {
  DEPLOY_CONSUMER,
  HEADER,
  isSystemReply,
  QUEUE_GROUP,
  STREAM,
  subject,
} from "./subject.ts";
import { UnderWay } from "./under_way.ts";

/** The first byte of one in UTF-8; a text has none. */
const BYTE_ORDER_MARK = 0xef;

/** How often a long deploy says that it goes on, in milliseconds. */
const BEAT_MS = 1_500;
/** The longest pause before a deploy is tried again, in milliseconds. */
const MAX_AGAIN_MS = 8_000;
/** How long one pull waits for a deploy, in milliseconds. */
const PULL_MS = 30_000;

export interface RuntimeServerOptions {
  nc: NatsConnection;
  js: JetStreamClient;
  claims: ObjectStore;
  log: Logger;
  /** Identifies this runtime among others. */
  id: string;
  version: string;
  maxBodyBytes: number;
}

export class RuntimeServer {
  readonly #options: RuntimeServerOptions;
  readonly #handlers: RuntimeHandlers;
  readonly #micro: Microservice;
  readonly #held: HeldCalls;
  readonly #underWay = new UnderWay();
  readonly #replies = new ReplyBatch();
  readonly #stopping = new AbortController();
  #deploys: Promise<void> | undefined;

  constructor(options: RuntimeServerOptions, handlers: RuntimeHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#held = new HeldCalls(options.nc);
    this.#micro = serveMicro(options.nc, {
      name: "oche-runtime",
      id: options.id,
      version: options.version,
      endpoints: [
        {
          name: "invoke",
          subject: subject.anyInvoke,
          queue: QUEUE_GROUP,
          handle: (message) => this.#invoke(message),
        },
        {
          name: "validate",
          subject: subject.validate,
          queue: QUEUE_GROUP,
          handle: (message) => this.#validate(message),
        },
      ],
    });
    this.#deploys = this.#takeDeploys();
  }

  async #invoke(message: Msg): Promise<boolean> {
    const { nc, claims, maxBodyBytes } = this.#options;
    if (this.#isForged(message)) return false;
    const call = this.#held.hold(message.headers?.get(HEADER.call));
    this.#underWay.begin();
    try {
      const ref = readRef(message.subject.slice(subject.invoke("").length));
      const options = readOptions(message.headers);
      const bytes = await unpackBytes(
        claims,
        message,
        maxBodyBytes * ENCODING_FACTOR,
      );
      const request = eventRequest(message.headers, bytes) ??
        readRequest(bytes);
      const size = bytes.length > maxBodyBytes ? bodySize(request) : 0;
      if (size > maxBodyBytes) throw tooLarge(size, maxBodyBytes);
      const reply = await this.#handlers.invoke(ref, request, options);
      const { json, headers } = writeReply(reply, options);
      const data = await pack(nc, claims, json, headers);
      this.#replies.add(
        () => message.respond(data, { headers }),
        this.#underWay.count,
      );
      return reply.outcome.error === undefined;
    } catch (error) {
      this.#refuse(message, error);
      return false;
    } finally {
      this.#held.release(call);
      this.#underWay.end();
    }
  }

  /** Whoever may only invoke could deploy by what is answered. */
  #isForged({ subject, reply }: Msg): boolean {
    if (!reply || !isSystemReply(reply)) return false;
    this.#options.log.warn("Refused to answer on a subject of the system", {
      subject,
      reply,
    });
    return true;
  }

  async #validate(message: Msg): Promise<boolean> {
    if (this.#isForged(message)) return false;
    this.#underWay.begin();
    try {
      const request = parseJson(
        ValidateRequest,
        message.string(),
        "the request",
      );
      const analysis = await this.#handlers.validate(request);
      message.respond(JSON.stringify(analysis));
      return true;
    } catch (error) {
      this.#refuse(message, error);
      return false;
    } finally {
      this.#underWay.end();
    }
  }

  #refuse(message: Msg, error: unknown): void {
    const problem = toProblem(error);
    if (problem.code === "internal") {
      this.#options.log.error("Cannot answer a request", {
        subject: message.subject,
        error,
      });
    }
    message.respond(JSON.stringify(problem), {
      headers: problemHeaders(error),
    });
  }

  /** One at a time: a message that waits here would be late for its ack. */
  async #takeDeploys(): Promise<void> {
    const { js, log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        const consumer = await js.consumers.get(STREAM.deploy, DEPLOY_CONSUMER);
        const message = await consumer.next({ expires: PULL_MS });
        if (!message) continue;
        if (this.#stopping.signal.aborted) message.nak();
        else await this.#deploy(message);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        log.warn("Cannot take deploys from the queue", { error });
        await pause(1_000, this.#stopping.signal);
      }
    }
  }

  async #deploy(message: JsMsg): Promise<void> {
    const beat = setInterval(() => message.working(), BEAT_MS);
    try {
      const event = parseJson(DeployEvent, message.string(), "a deploy event");
      await this.#handlers.deploy(event, message.info.deliveryCount);
      await message.ackAck();
    } catch (error) {
      this.#options.log.error("Cannot finish a deploy; it is tried again", {
        error,
      });
      if (error instanceof SyntaxError || toProblem(error).code === "invalid") {
        message.term();
      } else message.nak(againMs(message.info.deliveryCount));
    } finally {
      clearInterval(beat);
    }
  }

  /** Takes no more work and waits for what runs. */
  async drain(): Promise<void> {
    this.#stopping.abort();
    await this.#micro.stop();
    await this.#underWay.none();
    this.#replies.flush();
    this.#held[Symbol.dispose]();
  }
}

/** Longer each time: an engine that starts anew may take its time. */
function againMs(deliveries: number): number {
  return Math.min(1_000 * 2 ** (deliveries - 1), MAX_AGAIN_MS);
}

function readRef(text: string): string {
  return isFunctionId(text)
    ? text
    : parse(FunctionRef, text, "the name in the subject");
}

/** A request that is as it should be goes on as the bytes that it came as. */
function readRequest(bytes: Uint8Array): CloudRequest {
  const text = decodeText(bytes) || "{}";
  return parseJson(
    CloudRequest,
    text,
    "the request",
    (value): value is CloudRequest =>
      bytes[0] !== BYTE_ORDER_MARK && isRequestAsIs(value) &&
      keepJson(value, bytes) === value,
  );
}

function tooLarge(size: number, limit: number): AppError {
  return new AppError(
    "too_large",
    `Cannot take the body: it has ${size} bytes`,
    { hint: `At most ${limit} bytes are allowed` },
  );
}
