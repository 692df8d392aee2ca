/** Messages of a stream: acknowledged after success, tried again, dead letters at the end. */
import type { CloudRequest } from "../contracts/cloud.ts";
import { AppError } from "../contracts/error.ts";
import type {
  StreamMessage,
  StreamReader,
} from "../contracts/message_source.ts";
import type { SubjectTrigger } from "../contracts/trigger.ts";
import { Semaphore } from "../semaphore.ts";
import { pause, repeat } from "./clock.ts";
import { isLoop } from "./hops.ts";
import { attemptOf, BUSY_MS, isPassing } from "./subject_attempt.ts";
import { bury } from "./subject_dead.ts";
import type { SubjectDeps } from "./subject_deps.ts";
import { dropped } from "./subject_events.ts";
import {
  batchRequestOf,
  hopsOf,
  matches,
  requestOf,
} from "./subject_message.ts";

/** How often the server hears that a message is worked at, in milliseconds. */
const BEAT_MS = 5_000;
/** After an error of the stream, in milliseconds. */
const RETRY_MS = 2_000;
const MAX_BACKOFF_MS = 3_600_000;

export function takeStream(
  deps: SubjectDeps,
  trigger: SubjectTrigger,
): AsyncDisposable {
  const stopping = new AbortController();
  const { concurrency, batch, name } = trigger;
  const { size, waitMs } = batch ?? { size: 1, waitMs: 0 };
  const lane = new Semaphore(concurrency, concurrency);
  const working = new Set<Promise<void>>();

  /** A slot first: what was fetched and waits here would be late for its ack. */
  async function follow(
    reader: StreamReader,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      const slot = await lane.tryAcquire();
      let work: Promise<void> | undefined;
      try {
        const messages = await reader.next(size, waitMs);
        if (signal.aborted) messages.forEach((each) => each.retry(0));
        else if (messages.length > 0) {
          work = take(deps, trigger, messages, stopping.signal);
        }
      } finally {
        if (!work) slot?.[Symbol.dispose]();
      }
      if (work) track(work, slot);
    }
  }

  /** What fails here is delivered again: nothing was acknowledged. */
  function track(work: Promise<void>, slot: Disposable | undefined): void {
    const done = work.catch((error) =>
      deps.log.warn("Cannot end with a message", { trigger: name, error })
    ).finally(() => {
      slot?.[Symbol.dispose]();
      working.delete(done);
    });
    working.add(done);
  }

  async function run(): Promise<void> {
    let told: string | undefined;
    while (!stopping.signal.aborted) {
      const round = new AbortController();
      const signal = AbortSignal.any([stopping.signal, round.signal]);
      try {
        const readers = await deps.source.read(trigger);
        told = undefined;
        await Promise.all(readers.map((reader) => follow(reader, signal)));
      } catch (error) {
        round.abort();
        if (stopping.signal.aborted) return;
        const { message } = AppError.from(error);
        if (message !== told) {
          deps.log.warn("Cannot read a stream", { trigger: name, error });
        }
        told = message;
        await pause(deps.clock, RETRY_MS, stopping.signal);
      }
    }
  }

  void run();
  return {
    // What is still asked of the server comes back there when it is answered.
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(working);
    },
  };
}

async function take(
  deps: SubjectDeps,
  trigger: SubjectTrigger,
  messages: StreamMessage[],
  signal: AbortSignal,
): Promise<void> {
  const wanted: StreamMessage[] = [];
  for (const message of messages) {
    const hops = hopsOf(message);
    if (!matches(trigger, message)) await message.ack();
    else if (isLoop(hops)) {
      const { subject } = message;
      dropped(deps, trigger, { subject, why: `it is hop ${hops}` }, hops);
      await message.ack();
    } else wanted.push(message);
  }
  if (wanted.length === 0) return;
  const beat = repeat(
    deps.clock,
    BEAT_MS,
    () => wanted.forEach((m) => m.working()),
  );
  try {
    await serve(deps, trigger, wanted, signal);
  } finally {
    beat[Symbol.dispose]();
  }
}

async function serve(
  deps: SubjectDeps,
  trigger: SubjectTrigger,
  messages: StreamMessage[],
  signal: AbortSignal,
): Promise<void> {
  const [first] = messages;
  if (!first) return;
  let attempt = 1;
  let request: CloudRequest | undefined;
  let error: AppError | undefined;
  try {
    const begun = messages.map((each) => each.begin(signal));
    attempt = Math.max(...await Promise.all(begun));
    request = trigger.batch
      ? batchRequestOf(trigger, messages, told(first, attempt))
      : requestOf(trigger, first, told(first, attempt));
    error = await attemptOf(deps, trigger, request, messages, signal);
  } catch (thrown) {
    error = AppError.from(thrown);
  }
  if (!error) {
    await ackAll(messages);
  } else if (isPassing(error)) {
    for (const each of messages) each.retry(BUSY_MS);
  } else if (attempt < trigger.maxDeliver && error.code !== "invalid") {
    const delay = trigger.backoffMs * 2 ** (attempt - 1);
    for (const each of messages) each.retry(Math.min(delay, MAX_BACKOFF_MS));
  } else {
    await bury(deps, trigger, messages, { request, error, attempt });
    await ackAll(messages);
  }
}

async function ackAll(messages: StreamMessage[]): Promise<void> {
  for (const message of messages) await message.ack();
}

function told(
  { stream, seq }: StreamMessage,
  attempt: number,
): Record<string, string> {
  return {
    "oche-stream": stream,
    "oche-stream-sequence": String(seq),
    "oche-attempt": String(attempt),
  };
}
