/** RuntimeClient over NATS: what the gateway asks of the runtimes. */
import {
  headers,
  type Msg,
  type NatsConnection,
  RequestError,
  TimeoutError,
} from "@nats-io/nats-core";
import type { JetStreamClient } from "@nats-io/jetstream";
import { Analysis, BuildEvent } from "../contracts/deploy.ts";
import { AppError } from "../contracts/error.ts";
import { parseJson } from "../contracts/parse.ts";
import type { ObjectStore, RuntimeClient } from "../contracts/port.ts";
import { fromProblem } from "../contracts/problem.ts";
import { CallWatch } from "./call_watch.ts";
import { Disconnects } from "./disconnects.ts";
import { readReply, writeOptions } from "./invoke_codec.ts";
import { pack, unpack } from "./payload.ts";
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
  const disconnects = new Disconnects(nc);
  const calls = new CallWatch(nc);

  async function ask(
    to: string,
    data: Uint8Array,
    options: Parameters<NatsConnection["request"]>[2],
  ): Promise<Msg> {
    try {
      await disconnects.connected();
      return await disconnects.guard(nc.request(to, data, options));
    } catch (cause) {
      throw requestError(cause);
    }
  }

  return {
    async invoke(ref, request, options) {
      const h = writeOptions(options);
      const data = await pack(nc, claims, JSON.stringify(request), h);
      const wait = options.deadline === undefined
        ? maxWaitMs
        : Math.min(maxWaitMs, options.deadline - Date.now());
      const id = calls.nextId();
      h.set(HEADER.call, id);
      const reply = await calls.watch(
        id,
        ask(subject.invoke(ref), data, {
          timeout: Math.max(1, wait) + GRACE_MS,
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
        new TextEncoder().encode(JSON.stringify(request)),
        { timeout: VALIDATE_MS },
      );
      if (reply.headers?.has(HEADER.serviceErrorCode)) {
        throw fromProblem(reply.json());
      }
      return parseJson(Analysis, reply.string(), "the analysis");
    },

    async deploy(event) {
      const h = headers();
      await js.publish(
        subject.deploy(event.functionId),
        JSON.stringify(event),
        { msgID: `${event.functionId}.${event.version}`, headers: h },
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
  if (cause instanceof RequestError && cause.isNoResponders()) {
    return new AppError("unavailable", "Cannot reach a runtime: none listens", {
      hint: "Start one, or see why it ended: ./oche doctor",
      cause,
    });
  }
  if (cause instanceof TimeoutError || isTimeout(cause)) {
    return new AppError("timeout", "Cannot wait longer: no runtime answered", {
      hint: "Try again; if it stays so, look at the log of the runtime",
      cause,
    });
  }
  return new AppError("unavailable", "Cannot reach NATS", {
    hint: "Check that the server runs",
    cause,
  });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof TimeoutError;
}
