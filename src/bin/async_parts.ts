/** Opens what asynchronous invocations live on, as the configuration says. */
import type { NatsConnection } from "@nats-io/nats-core";
import type { GatewayConfig, RuntimeConfig } from "../config.ts";
import type { Registry } from "../contracts/port.ts";
import type { Sealer } from "../contracts/sealer.ts";
import { type AsyncParts, bootstrapAsync } from "../nats/bootstrap_async.ts";
import { type AsyncStores, asyncStores } from "../store/async.ts";

const DAY_MS = 86_400_000;

export async function openAsync(
  { nc, js, registry, sealer }: {
    nc: NatsConnection;
    js: AsyncParts["js"];
    registry: Registry;
    sealer: Sealer;
  },
  config: Pick<
    GatewayConfig | RuntimeConfig,
    "OCHE_INVOCATION_DAYS" | "OCHE_DEAD_DAYS" | "OCHE_MAX_QUEUED"
  >,
): Promise<AsyncStores> {
  const parts = await bootstrapAsync(nc, js, {
    recordMs: config.OCHE_INVOCATION_DAYS * DAY_MS,
    deadMs: config.OCHE_DEAD_DAYS * DAY_MS,
    maxQueued: config.OCHE_MAX_QUEUED,
  });
  return asyncStores(parts, registry, sealer);
}
