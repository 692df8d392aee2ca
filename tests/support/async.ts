/** Asynchronous invocations on a real NATS server, run by functions of the test. */
import type { FollowUp } from "../../runtime/async/deps.ts";
import { startTaker, type Taker } from "../../runtime/async/taker.ts";
import { createSealer } from "../../src/auth/sealing.ts";
import type { AsyncQueue } from "../../src/contracts/async_queue.ts";
import type { Callbacks } from "../../src/contracts/callback.ts";
import type { CloudRequest } from "../../src/contracts/cloud.ts";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { FunctionChange } from "../../src/contracts/function.ts";
import {
  type AsyncSubmission,
  hasEnded,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";
import type { InvokeOptions, InvokeReply } from "../../src/contracts/port.ts";
import { createLogger } from "../../src/log.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAsync } from "../../src/nats/bootstrap_async.ts";
import { connectNats } from "../../src/nats/connect.ts";
import { onCancel } from "../../src/nats/cancels.ts";
import { type AsyncStores, asyncStores } from "../../src/store/async.ts";
import { KvRegistry } from "../../src/store/registry.ts";
import { startTestNats, type TestNats } from "./nats_server.ts";
import { replyOf } from "./reply.ts";

const DAY_MS = 86_400_000;
const LIMIT_MS = 60_000;

export interface Call {
  functionId: string;
  attempt: number;
  invocationId: string;
  request: CloudRequest;
  signal: AbortSignal | undefined;
}

/** What a function of the test does: an answer, or an error that is thrown. */
export type Behaviour = (call: Call) => unknown;

export interface TestAsync extends AsyncDisposable {
  nats: TestNats;
  stores: AsyncStores;
  registry: KvRegistry;
  /** Every call of a function, in order. */
  calls: Call[];
  /** A ready function. */
  deployed(
    name: string,
    settings?: Omit<FunctionChange, "public">,
  ): Promise<string>;
  /** One more runtime. It counts as alive until `kill`. */
  take(
    behaviour: Behaviour,
    options?: {
      concurrency?: number;
      followUps?: FollowUp[];
      callbacks?: Callbacks;
    },
  ): Promise<TestRuntime>;
  submit(
    functionId: string,
    submission?: Partial<AsyncSubmission>,
  ): Promise<string>;
  /** Waits for the last state of an invocation. */
  ended(id: string): Promise<InvocationRecord>;
}

export interface TestRuntime {
  id: string;
  taker: Taker;
  /** Messages that it has been told of. */
  seen(): number;
  /** As kill -9 would: nothing more is written, and others find it gone. */
  kill(): Promise<void>;
}

const silent: Callbacks = {
  tell: () => Promise.reject(new Error("not expected")),
};

/** Polls until it is true. */
export async function eventually<Value>(
  what: string,
  ask: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> {
  const limit = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await ask();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > limit) throw new Error(`Not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function startAsync(
  { maxQueued = 10_000 } = {},
): Promise<TestAsync> {
  const nats = await startTestNats();
  const sealer = await createSealer([
    crypto.getRandomValues(new Uint8Array(32)),
  ]);
  const { js, functions } = await bootstrap(nats.nc);
  const registry = await KvRegistry.open(functions);
  const limits = { recordMs: DAY_MS, deadMs: DAY_MS, maxQueued };
  const stores = asyncStores(
    await bootstrapAsync(nats.nc, js, limits),
    registry,
    sealer,
  );
  const calls: Call[] = [];
  const live = new Set<string>();
  const opened: (() => Promise<void>)[] = [];

  async function take(
    behaviour: Behaviour,
    {
      concurrency = 4,
      followUps = [],
      callbacks = silent,
    }: Parameters<TestAsync["take"]>[1] = {},
  ): Promise<TestRuntime> {
    const id = crypto.randomUUID().slice(0, 8);
    live.add(id);
    const nc = await connectNats(nats.url, "test-runtime");
    const own = asyncStores(
      await bootstrapAsync(nc, (await bootstrap(nc)).js, limits),
      registry,
      sealer,
    );
    let seen = 0;
    const queue: AsyncQueue = {
      ...own.queue,
      follow: (onEntry, signal) =>
        own.queue.follow((entry) => {
          onEntry(entry);
          seen++;
        }, signal),
    };
    const taker = startTaker({
      ...own,
      queue,
      callbacks,
      registry,
      runtimeId: id,
      concurrency,
      followUps,
      liveRuntimes: () => Promise.resolve(new Set(live)),
      log: createLogger(() => {}),
      invoke: (ref, request, options) =>
        invoke(behaviour, calls, ref, request, options),
    });
    onCancel(nc, (invocation) => taker.cancel(invocation));
    opened.push(async () => {
      await nc.close();
    });
    return {
      id,
      taker,
      seen: () => seen,
      async kill() {
        live.delete(id);
        await nc.close();
      },
    };
  }

  return {
    nats,
    stores,
    registry,
    calls,
    async deployed(name, settings = {}) {
      const { id } = await registry.ensure(name, {});
      await registry.configure(id, settings);
      const { version } = await registry.addVersion(id, "0".repeat(64));
      await registry.updateVersion(id, version, { status: "ready" });
      await registry.setCurrent(id, version);
      return id;
    },
    take,
    async submit(functionId, submission = {}) {
      const { invocationId } = await stores.async.submit({
        functionId,
        request: {
          method: "POST",
          path: "/",
          headers: {},
          query: {},
          body: null,
        },
        source: { type: "http" },
        ...submission,
      });
      return invocationId;
    },
    ended: (id) =>
      eventually(`the end of ${id}`, async () => {
        const record = await stores.async.find(id);
        return record && hasEnded(record.state) ? record : undefined;
      }),
    async [Symbol.asyncDispose]() {
      for (const close of opened) await close();
      await registry[Symbol.asyncDispose]();
      await nats[Symbol.asyncDispose]();
    },
  };
}

async function invoke(
  behaviour: Behaviour,
  calls: Call[],
  functionId: string,
  request: CloudRequest,
  { invocationId = "", signal }: InvokeOptions,
): Promise<InvokeReply> {
  const call: Call = {
    functionId,
    invocationId,
    request,
    signal,
    attempt: Number(request.headers["oche-attempt"]),
  };
  calls.push(call);
  try {
    const answer = await behaviour(call);
    const response = CloudResponse.parse(answer ?? { statusCode: 200 });
    return replyOf({ response }, { invocationId });
  } catch (thrown) {
    const error = AppError.from(thrown);
    if (error.code === "busy") throw error;
    return replyOf({ error }, { invocationId });
  }
}
