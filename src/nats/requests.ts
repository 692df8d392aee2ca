/**
 * Request-reply by one inbox and a table of places. The client's own requests
 * each make a timer, three promises and an error that nobody reads.
 */
import { setImmediate } from "node:timers";
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { type Alarm, clearAlarm, setAlarm } from "../alarm.ts";
import { AppError } from "../contracts/error.ts";
import { newInbox } from "./inbox.ts";
import { Places } from "./places.ts";

/** Of a message that says that nobody listens (NATS ADR-1). */
const NO_RESPONDERS = 503;

/** Fewer requests under way are too few to wait for others. */
const MIN_UNDER_WAY = 6;

interface Pending {
  alarm: Alarm | undefined;
  resolve(reply: Msg): void;
  reject(error: unknown): void;
}

interface Held {
  token: string;
  send(): void;
}

export interface RequestOptions {
  headers?: MsgHdrs;
  timeoutMs: number;
}

export class Requests {
  readonly #nc: NatsConnection;
  readonly #inbox: string;
  readonly #pending = new Places<Pending>();
  readonly #held: Held[] = [];

  constructor(nc: NatsConnection) {
    this.#nc = nc;
    this.#inbox = newInbox(nc);
    nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#hear(message);
      },
    });
  }

  /** @throws {AppError} `unavailable` when nobody listens, `timeout` */
  ask(
    to: string,
    data: Uint8Array,
    { headers, timeoutMs }: RequestOptions,
  ): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { alarm: undefined, resolve, reject };
      const isAlone = this.#pending.size < MIN_UNDER_WAY;
      const token = this.#pending.add(pending);
      const reply = `${this.#inbox}.${token}`;
      const send = () =>
        this.#nc.publish(to, data, { reply, ...(headers && { headers }) });
      try {
        if (isAlone) send();
        else this.#sendSoon({ token, send });
      } catch (error) {
        this.#pending.take(token);
        throw error;
      }
      pending.alarm = setAlarm(timeoutMs, () => {
        this.#pending.take(token);
        reject(noAnswer());
      });
    });
  }

  /** Rejects what is under way. */
  lose(error: AppError): void {
    for (const { alarm, reject } of this.#pending.takeAll()) {
      clearAlarm(alarm);
      reject(error);
    }
  }

  /** With what else comes in this turn of the event loop, by one write. */
  #sendSoon(request: Held): void {
    this.#held.push(request);
    if (this.#held.length > 1) return;
    setImmediate(() => {
      for (const { token, send } of this.#held.splice(0)) {
        if (!this.#pending.has(token)) continue; // Nobody waits any more.
        try {
          send();
        } catch (error) {
          this.#take(token)?.reject(error);
        }
      }
    });
  }

  #take(token: string): Pending | undefined {
    const pending = this.#pending.take(token);
    clearAlarm(pending?.alarm);
    return pending;
  }

  #hear(reply: Msg): void {
    const token = reply.subject.slice(this.#inbox.length + 1);
    const pending = this.#take(token);
    if (!pending) return; // Too late.
    const nobody = reply.data.length === 0 &&
      reply.headers?.code === NO_RESPONDERS;
    if (nobody) pending.reject(noResponders());
    else pending.resolve(reply);
  }
}

function noResponders(): AppError {
  return new AppError("unavailable", "Cannot reach a runtime: none listens", {
    hint: "Start one, or see why it ended: ./oche doctor",
  });
}

function noAnswer(): AppError {
  return new AppError("timeout", "Cannot wait longer: no runtime answered", {
    hint: "Try again; if it stays so, look at the log of the runtime",
  });
}
