/** Ends waiting when the connection breaks, and waits for it before asking. */
import type { NatsConnection } from "@nats-io/nats-core";
import { AppError } from "../contracts/error.ts";

/** How long a request waits for a broken connection, in milliseconds. */
const RECONNECT_MS = 3_000;

export class Disconnects {
  /** Pending while there is no connection. */
  #back: PromiseWithResolvers<void> | undefined;

  /** @param lose Is told of a break: what is under way then is lost. */
  constructor(nc: NatsConnection, lose: (error: AppError) => void) {
    void this.#follow(nc, lose);
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

  async #follow(
    nc: NatsConnection,
    lose: (error: AppError) => void,
  ): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === "disconnect") {
        this.#back ??= Promise.withResolvers();
        lose(broken());
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
