/** Waits for the streams and buckets that a gateway makes. */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { AppError } from "../contracts/error.ts";
import { retry } from "../retry.ts";
import { sharedStreams } from "./permissions.ts";

/** How long a gateway may take, in milliseconds. */
const WAIT_MS = 120_000;
const RETRY_MS = 100;

/**
 * The runtime's user makes no streams: who may, could copy those that it may
 * not read.
 *
 * @throws {AppError} `unavailable`
 */
export async function awaitStreams(nc: NatsConnection): Promise<void> {
  const { streams } = await jetstreamManager(nc);
  const limit = Date.now() + WAIT_MS;
  for (const name of sharedStreams()) {
    try {
      await retry(() => streams.info(name), {
        pauseMs: RETRY_MS,
        retryIf: () => Date.now() <= limit,
      });
    } catch (cause) {
      throw notMade(name, cause);
    }
  }
}

function notMade(name: string, cause: unknown): AppError {
  return new AppError("unavailable", `Cannot find the stream ${name} in NATS`, {
    hint: "Gateways make the streams: start one beside the runtime",
    cause,
  });
}
