/** RuntimeClient over NATS: what the gateway asks of the runtimes. */
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import type { JetStreamClient } from "@nats-io/jetstream";
import { Analysis, BuildEvent } from "../contracts/deploy.ts";
import { AppError } from "../contracts/error.ts";
import { jsonOf } from "../contracts/json_source.ts";
import { parseJson } from "../contracts/parse.ts";
import type { ObjectStore, RuntimeClient } from "../contracts/port.ts";
import { fromProblem } from "../contracts/problem.ts";
import { encodeUtf8 } from "../contracts/utf8.ts";
import { CallWatch } from "./call_watch.ts";
import { Disconnects } from "./disconnects.ts";
import { readReply, writeOptions } from "./invoke_codec.ts";
import { pack, unpack } from "./payload.ts";
import { type RequestOptions, Requests } from "./requests.ts";
import { HEADER, subject } from "./subject.ts";

/** What the answer to a deadline may come later, in milliseconds. */
const GRACE_MS = 2_000;
const VALIDATE_MS = 30_000;
const MAX_REPLY_BYTES = 32 * 1024 * 1024;

export interface RuntimeClientOptions {
  nc: NatsConnection;
  js: JetStreamClient;
  claims: ObjectStore;
  /** How long an invocation without a deadline may take, start included. */
  maxWaitMs: number;
}

export function runtimeClient(
  { nc, js, claims, maxWaitMs }: RuntimeClientOptions,
): RuntimeClient {
  const requests = new Requests(nc);
  const disconnects = new Disconnects(nc, (error) => requests.lose(error));
  const calls = new CallWatch(nc);

  async function ask(
    to: string,
    data: Uint8Array,
    options: RequestOptions,
  ): Promise<Msg> {
    try {
      await disconnects.connected();
      return await requests.ask(to, data, options);
    } catch (cause) {
      throw requestError(cause);
    }
  }

  return {
    async invoke(ref, request, options) {
      const h = writeOptions(options);
      const data = await pack(nc, claims, jsonOf(request), h);
      const wait = options.deadline === undefined
        ? maxWaitMs
        : Math.min(maxWaitMs, options.deadline - Date.now());
      const id = calls.nextId();
      h.set(HEADER.call, id);
      const reply = await calls.watch(
        id,
        ask(subject.invoke(ref), data, {
          timeoutMs: Math.max(1, wait) + GRACE_MS,
          headers: h,
        }),
      );
      return readReply(
        await unpack(claims, reply, MAX_REPLY_BYTES),
        reply.headers,
      );
    },

    async validate(request) {
      const reply = await ask(
        subject.validate,
        encodeUtf8(JSON.stringify(request)),
        { timeoutMs: VALIDATE_MS },
      );
      if (reply.headers?.has(HEADER.serviceErrorCode)) {
        throw fromProblem(reply.json());
      }
      return parseJson(Analysis, reply.string(), "the analysis");
    },

    async deploy(event) {
      await js.publish(
        subject.deploy(event.functionId),
        JSON.stringify(event),
        { msgID: `${event.functionId}.${event.version}` },
      );
    },

    async watchBuild(id, version, callback) {
      const subscription = nc.subscribe(subject.build(id, version), {
        callback: (error, message) => {
          const event = error ? undefined : readBuildEvent(message);
          if (event) callback(event);
        },
      });
      await nc.flush();
      return {
        [Symbol.asyncDispose]: () => {
          subscription.unsubscribe();
          return Promise.resolve();
        },
      };
    },
  };
}

/** Progress is for people to look at; what makes no sense is left out. */
function readBuildEvent(message: Msg): BuildEvent | undefined {
  try {
    return BuildEvent.safeParse(message.json()).data;
  } catch {
    return undefined;
  }
}

function requestError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError("unavailable", "Cannot reach NATS", {
    hint: "Check that the server runs",
    cause,
  });
}
