/** Messages of core NATS: answered where the sender waits, else run for sure. */
import { AppError } from "../contracts/error.ts";
import type { CoreMessage } from "../contracts/message_source.ts";
import type { SubjectTrigger } from "../contracts/trigger.ts";
import { Semaphore } from "../semaphore.ts";
import { isLoop } from "./hops.ts";
import type { SubjectDeps } from "./subject_deps.ts";
import {
  batchRequestOf,
  hopsOf,
  matches,
  requestOf,
  traceparentOf,
} from "./subject_message.ts";
import { dropped, fired } from "./subject_events.ts";
import { continueTrace } from "./trace.ts";

/** Messages that wait for their turn on a gateway. */
const MAX_WAITING = 10_000;

export function takeCore(
  deps: SubjectDeps,
  trigger: SubjectTrigger,
): AsyncDisposable {
  const { source, clock } = deps;
  const { batch, concurrency } = trigger;
  const lane = new Semaphore(concurrency, MAX_WAITING);
  let collected: CoreMessage[] = [];
  let timer: Disposable | undefined;

  function flush(): void {
    timer?.[Symbol.dispose]();
    timer = undefined;
    const messages = collected;
    collected = [];
    if (messages.length > 0) {
      void run(() => submitBatch(deps, trigger, messages));
    }
  }

  async function run(
    work: () => Promise<void>,
    message?: CoreMessage,
  ): Promise<void> {
    const slot = lane.tryAcquire();
    if (!slot) {
      const busy = new AppError("busy", "Too many messages wait", {
        retryAfter: 1,
      });
      return await refuse(deps, trigger, busy, message);
    }
    using _slot = await slot;
    try {
      await work();
    } catch (error) {
      await refuse(deps, trigger, AppError.from(error), message);
    }
  }

  const subscription = source.subscribe(trigger, (message) => {
    if (!matches(trigger, message)) return;
    const hops = hopsOf(message);
    if (isLoop(hops)) {
      dropped(deps, trigger, {
        subject: message.subject,
        why: `it is hop ${hops}`,
      }, hops);
      return;
    }
    if (!batch) {
      void run(() => handle(deps, trigger, message), message);
      return;
    }
    collected.push(message);
    if (collected.length >= batch.size) flush();
    else timer ??= clock.after(batch.waitMs, flush);
  });

  return {
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      flush();
      await lane.idle();
    },
  };
}

/** Who waits gets the answer; what nobody waits for is durable from here on. */
async function handle(
  deps: SubjectDeps,
  trigger: SubjectTrigger,
  message: CoreMessage,
): Promise<void> {
  const { id, functionId, reply: as } = trigger;
  const request = requestOf(trigger, message);
  const context = {
    hops: hopsOf(message),
    traceparent: continueTrace(traceparentOf(message)),
  };
  fired(deps, trigger, { subject: message.subject }, context);
  if (message.respond) {
    const reply = await deps.runtime.invoke(functionId, request, context);
    await message.respond(reply, as);
    return;
  }
  await deps.async.submit({
    functionId,
    request,
    source: { type: "subject", trigger: id },
    ...context,
  });
}

async function submitBatch(
  { async }: SubjectDeps,
  trigger: SubjectTrigger,
  messages: CoreMessage[],
): Promise<void> {
  const { id, functionId } = trigger;
  await async.submit({
    functionId,
    request: batchRequestOf(trigger, messages),
    source: { type: "subject", trigger: id },
    traceparent: continueTrace(undefined),
    hops: Math.max(...messages.map(hopsOf)),
  });
}

/** Core NATS delivers at most once: what cannot be taken is gone, and told of. */
async function refuse(
  deps: SubjectDeps,
  trigger: SubjectTrigger,
  error: AppError,
  message: CoreMessage | undefined,
): Promise<void> {
  if (message?.respond) {
    await message.respond(error, trigger.reply).catch((cause) =>
      deps.log.warn("Cannot answer a message", { cause })
    );
    return;
  }
  dropped(deps, trigger, {
    subject: message?.subject ?? String(trigger.subject),
    why: error.message,
  });
}
