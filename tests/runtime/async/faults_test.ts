/** Runtimes over stores that fail before and after their effect: what must hold anyway. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import type { AsyncDeps } from "../../../runtime/async/deps.ts";
import { startTaker } from "../../../runtime/async/taker.ts";
import type {
  InvocationStore,
  QueuedMessage,
  StoredInvocation,
} from "../../../src/contracts/async_queue.ts";
import { AppError } from "../../../src/contracts/error.ts";
import { hasEnded } from "../../../src/contracts/invocation.ts";
import { RetryPolicy } from "../../../src/contracts/retry.ts";
import { createLogger } from "../../../src/log.ts";
import { eventually } from "../../support/async.ts";
import { memoryRegistry } from "../../support/memory.ts";
import { memoryDead } from "../../support/memory_async.ts";
import { memoryObjects } from "../../support/memory.ts";
import { replyOf } from "../../support/reply.ts";

const COUNT = 60;
const MAX_ATTEMPTS = 6;
/** Of the operations: so many fail before their effect, as many after it. */
const FAULT_RATE = 0.03;

type Anything = (...args: never[]) => unknown;

/** Every method may fail; who is killed fails for ever. */
function faulty<Port extends object>(port: Port, isDead: () => boolean): Port {
  const wrapped = Object.entries(port).map(([name, method]) => {
    if (typeof method !== "function" || name === "follow") {
      return [name, method];
    }
    return [name, async (...args: never[]) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      if (isDead() || Math.random() < FAULT_RATE) throw new Error("before");
      const value = await (method as Anything).apply(port, args);
      if (isDead() || Math.random() < FAULT_RATE) throw new Error("after");
      return value;
    }];
  });
  return Object.fromEntries(wrapped);
}

function memoryInvocations(): InvocationStore & {
  records: Map<string, StoredInvocation>;
} {
  const records = new Map<string, StoredInvocation>();
  let revision = 0;
  function put(record: StoredInvocation["record"]): StoredInvocation {
    const stored = { record: structuredClone(record), revision: ++revision };
    records.set(record.id, stored);
    return structuredClone(stored);
  }
  return {
    records,
    read: (_functionId, id) =>
      Promise.resolve(structuredClone(records.get(id))),
    create: (record) =>
      Promise.resolve(records.has(record.id) ? undefined : put(record)),
    update: (before, record) =>
      Promise.resolve(
        records.get(record.id)?.revision === before.revision
          ? put(record)
          : undefined,
      ),
  };
}

Deno.test("with failing stores and a killed runtime nothing is lost, and no attempt runs twice", async () => {
  const registry = memoryRegistry();
  const { id: functionId } = await registry.ensure("hello", {});
  const retry = RetryPolicy.parse({
    maxAttempts: MAX_ATTEMPTS,
    initialDelayMs: 5,
    maxDelayMs: 20,
  });
  await registry.configure(functionId, { retry });
  const messages = new Map<number, QueuedMessage>();
  for (let seq = 1; seq <= COUNT; seq++) {
    const invocationId = `i${seq}`;
    messages.set(seq, {
      entry: {
        seq,
        functionId,
        invocationId,
        acceptedAt: Date.now(),
        notBefore: 0,
        priority: 5,
        key: undefined,
        debounceMs: 0,
      },
      content: {
        message: {
          functionId,
          invocationId,
          source: { type: "http" },
          request: {
            method: "GET",
            path: "/",
            headers: {},
            query: {},
            body: null,
          },
        },
      },
    });
  }
  const invocations = memoryInvocations();
  const runs = new Map<string, number>();
  const live = new Set<string>();

  function runtime(runtimeId: string): { kill(): void } {
    live.add(runtimeId);
    const isDead = () => !live.has(runtimeId);
    const queue: AsyncDeps["queue"] = {
      follow(onEntry) {
        for (const { entry } of messages.values()) onEntry(entry);
      },
      read: (seq) => Promise.resolve(messages.get(seq)),
      remove({ seq }) {
        messages.delete(seq);
        return Promise.resolve();
      },
    };
    startTaker({
      queue: faulty(queue, isDead),
      invocations: faulty(invocations, isDead),
      flow: {
        takePlace: () => Promise.resolve(true),
        leavePlace: () => Promise.resolve(),
        takeTurn: () => Promise.resolve(0),
      },
      dead: faulty(memoryDead(), isDead),
      payloads: memoryObjects(),
      callbacks: { tell: () => Promise.reject(new Error("not expected")) },
      registry,
      runtimeId,
      concurrency: 5,
      liveRuntimes: () => Promise.resolve(new Set(live)),
      followUps: [],
      log: createLogger(() => {}),
      async invoke(_ref, request, { invocationId = "" }) {
        const run = `${invocationId} ${request.headers["oche-attempt"]}`;
        runs.set(run, (runs.get(run) ?? 0) + 1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (isDead()) await new Promise(() => {});
        const outcome = Math.random() < 0.2
          ? { error: new AppError("function_failed", "x", { reason: "crash" }) }
          : { response: { statusCode: 200, headers: {}, body: 1 } };
        return replyOf(outcome, { invocationId });
      },
    });
    return { kill: () => live.delete(runtimeId) };
  }

  const first = runtime("a");
  runtime("b");
  await eventually("that some have run", () => runs.size > COUNT / 4);
  first.kill();
  runtime("c");
  await eventually("that every message is gone", () => messages.size === 0);

  deepStrictEqual(
    Array.from(runs).filter(([, times]) => times > 1),
    [],
    "an attempt ran twice",
  );
  strictEqual(invocations.records.size, COUNT);
  for (const { record } of invocations.records.values()) {
    ok(hasEnded(record.state), `${record.id} is ${record.state}`);
    ok(record.attempt <= MAX_ATTEMPTS);
    ok(["succeeded", "dead"].includes(record.state));
    // Every run is in the record: a duplicate is never without its mark.
    const count = Array.from(runs.keys())
      .filter((run) => run.startsWith(`${record.id} `)).length;
    ok(count <= record.attempt);
  }
});
