/** Ends waiting when the connection breaks, and waits for it before asking. */
import type { NatsConnection } from "@nats-io/nats-core";
import { AppError } from "../contracts/error.ts";

/** How long a request waits for a broken connection, in milliseconds. */
const RECONNECT_MS = 3_000;

export class Disconnects {
  /** What is under way, each to be rejected at a break. */
  readonly #pending = new Set<(error: AppError) => void>();
  /** Pending while there is no connection. */
  #back: PromiseWithResolvers<void> | undefined;

  constructor(nc: NatsConnection) {
    void this.#follow(nc);
  }

  /** Rejects with `unavailable` at a break: what is under way then is lost. */
  guard<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      work.then((value) => {
        this.#pending.delete(reject);
        resolve(value);
      }, (error) => {
        this.#pending.delete(reject);
        reject(error);
      });
    });
  }

  /**
   * Resolves when there is a connection; a message sent before would be lost.
   *
   * @throws {AppError} `unavailable` when there is none for a while
   */
  async connected(): Promise<void> {
    if (!this.#back) return;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(broken()), RECONNECT_MS);
    try {
      await Promise.race([this.#back.promise, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #follow(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === "disconnect") {
        this.#back ??= Promise.withResolvers();
        for (const reject of this.#pending) reject(broken());
        this.#pending.clear();
      } else if (type === "reconnect") {
        this.#back?.resolve();
        this.#back = undefined;
      }
    }
  }
}

function broken(): AppError {
  return new AppError("unavailable", "The connection to NATS broke", {
    hint: "Whether the request was carried out is not known; try again",
    retryAfter: 1,
    isUncertain: true,
  });
}
