/**
 * Calls whose runtime died: nobody would answer them before their deadline.
 *
 * Every call has an id. Of those that take long, all runtimes are asked now and
 * then which they hold; one that none holds is lost. Costs nothing while calls
 * are answered at once.
 */
import type { Msg, NatsConnection, Subscription } from "@nats-io/nats-core";
import { z } from "zod";
import { type Alarm, clearAlarm, setAlarm } from "../alarm.ts";
import { AppError } from "../contracts/error.ts";
import { parseJson } from "../contracts/parse.ts";
import { newInbox } from "./inbox.ts";
import { subject } from "./subject.ts";

/** How often is asked, and after which age of a call, in milliseconds. */
const ROUND_MS = 1_000;
/** So many rounds without a word, and it is lost. */
const MAX_MISSED = 3;
/** Ids of one question; the others come with the next round. */
const MAX_IDS = 1_000;

const CallIds = z.array(z.string().max(64)).max(MAX_IDS);

interface Call {
  since: number;
  missed: number;
  lose(error: AppError): void;
}

export class CallWatch {
  readonly #nc: NatsConnection;
  readonly #prefix = crypto.randomUUID().slice(0, 8);
  readonly #inbox: string;
  readonly #roundMs: number;
  readonly #calls = new Map<string, Call>();
  #count = 0;
  #alarm: Alarm | undefined;

  constructor(
    nc: NatsConnection,
    { roundMs = ROUND_MS } = {},
  ) {
    this.#nc = nc;
    this.#roundMs = roundMs;
    this.#inbox = newInbox(nc);
    nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (!error) this.#hear(message);
      },
    });
  }

  /** An id for a call, unique among all gateways. */
  nextId(): string {
    return `${this.#prefix}.${(++this.#count).toString(36)}`;
  }

  /** The answer; rejects with `unavailable` when no runtime holds the call. */
  watch<Value>(id: string, answer: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#calls.set(id, {
        since: performance.now(),
        missed: 0,
        lose: reject,
      });
      this.#alarm ??= setAlarm(this.#roundMs, () => this.#ask());
      answer.then((value) => {
        this.#end(id);
        resolve(value);
      }, (error) => {
        this.#end(id);
        reject(error);
      });
    });
  }

  #end(id: string): void {
    this.#calls.delete(id);
    if (this.#calls.size > 0) return;
    clearAlarm(this.#alarm);
    this.#alarm = undefined;
  }

  #ask(): void {
    const asked: string[] = [];
    const old = performance.now() - this.#roundMs;
    // In the order of their age: the first young one ends it.
    for (const [id, call] of this.#calls) {
      if (call.since > old || asked.length === MAX_IDS) break;
      if (call.missed === MAX_MISSED) {
        this.#calls.delete(id);
        call.lose(lost());
      } else {
        call.missed++;
        asked.push(id);
      }
    }
    if (asked.length > 0 && !this.#nc.isClosed()) {
      this.#nc.publish(subject.calls, JSON.stringify(asked), {
        reply: this.#inbox,
      });
    }
    this.#alarm = this.#calls.size === 0
      ? undefined
      : setAlarm(this.#roundMs, () => this.#ask());
  }

  #hear(message: Msg): void {
    for (const id of readIds(message)) {
      const call = this.#calls.get(id);
      if (call) call.missed = 0;
    }
  }
}

/** The runtime's side: knows which calls it holds, and tells who asks. */
export class HeldCalls implements Disposable {
  readonly #ids = new Set<string>();
  readonly #subscription: Subscription;

  constructor(nc: NatsConnection) {
    this.#subscription = nc.subscribe(subject.calls, {
      callback: (error, message) => {
        if (error) return;
        const held = readIds(message).filter((id) => this.#ids.has(id));
        if (held.length > 0) message.respond(JSON.stringify(held));
      },
    });
  }

  /** Holds a call, if it has an id, until `release`. */
  hold(id: string | undefined): void {
    if (id) this.#ids.add(id);
  }

  release(id: string | undefined): void {
    if (id) this.#ids.delete(id);
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
  }
}

/** What nobody of ours sent is no question, and no answer. */
function readIds(message: Msg): string[] {
  try {
    return parseJson(CallIds, message.string(), "the ids of calls");
  } catch {
    return [];
  }
}

function lost(): AppError {
  return new AppError("unavailable", "The runtime of this call is gone", {
    hint: "Whether the function ran is not known; try again",
    retryAfter: 1,
    isUncertain: true,
  });
}
