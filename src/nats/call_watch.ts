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
import { type Link, LinkedList } from "../linked_list.ts";
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
  id: string;
  since: number;
  missed: number;
  lose(error: AppError): void;
}

export class CallWatch {
  readonly #nc: NatsConnection;
  readonly #prefix = crypto.randomUUID().slice(0, 8);
  readonly #inbox: string;
  readonly #roundMs: number;
  readonly #calls = new LinkedList<Call>();
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
      const call = this.#calls.add({
        id,
        since: performance.now(),
        missed: 0,
        lose: reject,
      });
      this.#alarm ??= setAlarm(this.#roundMs, () => this.#ask());
      answer.then((value) => {
        this.#end(call);
        resolve(value);
      }, (error) => {
        this.#end(call);
        reject(error);
      });
    });
  }

  #end(call: Link<Call>): void {
    this.#calls.take(call);
    if (this.#calls.size > 0) return;
    clearAlarm(this.#alarm);
    this.#alarm = undefined;
  }

  #ask(): void {
    const asked: string[] = [];
    const old = performance.now() - this.#roundMs;
    // In the order of their age: the first young one ends it.
    for (const link of this.#calls.links()) {
      const call = link.item;
      if (!call || call.since > old || asked.length === MAX_IDS) break;
      if (call.missed === MAX_MISSED) {
        this.#calls.take(link);
        call.lose(lost());
      } else {
        call.missed++;
        asked.push(call.id);
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
    const held = new Set(readIds(message));
    for (const call of this.#calls) if (held.has(call.id)) call.missed = 0;
  }
}

/** The runtime's side: knows which calls it holds, and tells who asks. */
export class HeldCalls implements Disposable {
  readonly #ids = new LinkedList<string>();
  readonly #subscription: Subscription;

  constructor(nc: NatsConnection) {
    this.#subscription = nc.subscribe(subject.calls, {
      callback: (error, message) => {
        if (error) return;
        const ids = new Set(this.#ids);
        const held = readIds(message).filter((id) => ids.has(id));
        if (held.length > 0) message.respond(JSON.stringify(held));
      },
    });
  }

  /** Holds a call, if it has an id, until `release`. */
  hold(id: string | undefined): Link<string> | undefined {
    return id ? this.#ids.add(id) : undefined;
  }

  release(call: Link<string> | undefined): void {
    if (call) this.#ids.take(call);
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
