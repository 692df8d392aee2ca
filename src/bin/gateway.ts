/** The gateway program: HTTP on one side, NATS on the other. */
import type { NatsConnection } from "@nats-io/nats-core";
import { createApp } from "../../routes/app.ts";
import { addressLimit } from "../auth/address_limit.ts";
import { keyRing } from "../auth/key_ring.ts";
import { RateLimit } from "../auth/rate_limit.ts";
import { invokeSignatures } from "../auth/signatures.ts";
import { createSealer } from "../auth/sealing.ts";
import { checkCallback } from "../callback/check.ts";
import { parseHosts } from "../callback/hosts.ts";
import { type GatewayConfig, readGatewayConfig } from "../config.ts";
import type { Logger } from "../log.ts";
import { bootstrap } from "../nats/bootstrap.ts";
import { bootstrapAccess } from "../nats/bootstrap_access.ts";
import { BUCKET } from "../nats/subject.ts";
import { keepClaims } from "../nats/keep_claims.ts";
import { openEventSink } from "../nats/event_sink.ts";
import { messageSource } from "../nats/message_source.ts";
import { runtimeClient } from "../nats/runtime_client.ts";
import { kvDeliveries } from "../store/deliveries.ts";
import { KvKeys } from "../store/keys.ts";
import { cronStates } from "../store/cron_states.ts";
import { openEventFeed } from "../store/event_feed.ts";
import { logStore } from "../store/logs.ts";
import { objectStore } from "../store/objects.ts";
import { resealObjects, resealValues } from "../store/reseal.ts";
import { KvRegistry } from "../store/registry.ts";
import { replayGuard } from "../store/replays.ts";
import { KvSecrets } from "../store/secrets.ts";
import { sealedObjects } from "../store/sealed_objects.ts";
import { jetStreamStorage } from "../store/storage.ts";
import { KvTriggers } from "../store/triggers.ts";
import { systemClock } from "../trigger/clock.ts";
import { CronRunner } from "../trigger/cron_runner.ts";
import { removeOrphans } from "../trigger/orphans.ts";
import { SubjectRunner } from "../trigger/subject_runner.ts";
import { resealTriggers } from "../trigger/reseal.ts";
import { VERSION } from "../version.ts";
import { openAsync } from "./async_parts.ts";
import { openConnections } from "./connections.ts";
import { resealAll } from "./reseal.ts";
import { runProgram } from "./program.ts";

/** What start and queueing may add to the time limit of a function. */
const START_ALLOWANCE_MS = 20_000;
const READY_MS = 2_000;

export interface Gateway extends AsyncDisposable {
  url: string;
}

/** @throws {AppError} `unavailable` without NATS, `conflict` when the port is taken */
export async function startGateway(
  config: GatewayConfig,
  log: Logger,
): Promise<Gateway> {
  const sealer = await createSealer(config.OCHE_SEAL_KEYS);
  const connections = await openConnections(config.NATS_URL, "gateway");
  const { nc, calls } = connections;
  const { js, functions, archives, claims, ...parts } = await bootstrap(nc);
  void keepClaims(nc, js, log);
  const registry = await KvRegistry.open(
    functions,
    (error) => log.error("Cannot read a function or a version", { error }),
  );
  const triggers = await KvTriggers.open(
    parts.triggers,
    (error) => log.error("Cannot read a trigger", { error }),
  );
  const orphans = await removeOrphans(triggers, registry);
  if (orphans > 0) log.info("Removed triggers without a function", { orphans });
  const callbackHosts = parseHosts(config.OCHE_CALLBACK_HOSTS);
  const access = await bootstrapAccess(js);
  const secrets = await KvSecrets.open(access.secrets, sealer);
  const { async: asyncPort, dead } = await openAsync(
    { nc, js, registry, sealer },
    config,
  );
  const events = openEventSink({
    nc,
    registry,
    installation: config.OCHE_INSTALLATION,
    log,
  });
  const feed = await openEventFeed(nc, js);
  const gatewayId = crypto.randomUUID();
  const runtime = runtimeClient({
    nc: calls,
    js,
    claims: objectStore(claims, js),
    maxWaitMs: config.OCHE_FUNCTION_TIMEOUT_MS + START_ALLOWANCE_MS,
  });
  const cron = new CronRunner({
    triggers,
    async: asyncPort,
    states: cronStates(parts.cron, await js.jetstreamManager()),
    events,
    clock: systemClock,
    log,
    gatewayId,
  });
  const subjects = await SubjectRunner.start({
    triggers,
    source: await messageSource({
      nc,
      js,
      claims: objectStore(claims, js),
      log,
    }),
    runtime,
    async: asyncPort,
    dead,
    events,
    clock: systemClock,
    log,
  });
  const keyStore = await KvKeys.open(access.keys);
  const app = createApp({
    registry,
    triggers,
    events,
    feed,
    async: asyncPort,
    dead,
    checkCallback: (target) => checkCallback(target, callbackHosts),
    deliveries: kvDeliveries(parts.deliveries, Date.now),
    archives: sealedObjects(objectStore(archives, js), BUCKET.archives, sealer),
    claims: objectStore(claims, js),
    logs: await logStore(js),
    storage: await jetStreamStorage(js),
    runtime,
    sealer,
    keys: keyRing({
      adminSha256: config.OCHE_ADMIN_KEY_SHA256,
      stored: keyStore,
      registry,
      limit: config.OCHE_RATE_KEY && new RateLimit(config.OCHE_RATE_KEY),
    }),
    keyStore,
    secrets,
    signatures: invokeSignatures({
      secrets,
      replays: replayGuard(js),
    }),
    addressLimit: config.OCHE_RATE_ADDRESS && addressLimit({
      rate: config.OCHE_RATE_ADDRESS,
      proxies: config.OCHE_TRUSTED_PROXIES ?? [],
      header: config.OCHE_PROXY_HEADER,
    }),
    corsOrigins: config.OCHE_CORS_ORIGINS ?? [],
    networks: config.OCHE_NETWORKS,
    limits: {
      bodyBytes: config.OCHE_MAX_BODY_BYTES,
      bodyMs: config.OCHE_BODY_TIMEOUT_MS,
      heldBytes: config.OCHE_MAX_HELD_BYTES,
      archiveBytes: config.OCHE_MAX_ARCHIVE_BYTES,
      deployMs: config.OCHE_DEPLOY_TIMEOUT_MS,
    },
    publicUrl: config.OCHE_PUBLIC_URL,
    log,
    version: VERSION,
    checkReady: () => checkNats(nc),
  });
  const server = Deno.serve({
    hostname: config.OCHE_HOST,
    port: config.OCHE_PORT,
    onListen: () => {},
  }, app.fetch);
  const url = `http://${config.OCHE_HOST}:${server.addr.port}`;
  log.info("Gateway listens", { url });
  void resealAll(sealer, log, {
    archives: () => resealObjects(archives, BUCKET.archives, sealer),
    secrets: () => resealValues(access.secrets, BUCKET.secrets, sealer),
    triggers: () => resealTriggers(triggers, sealer),
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      feed[Symbol.dispose]();
      await server.shutdown();
      await subjects[Symbol.asyncDispose]();
      await cron[Symbol.asyncDispose]();
      events[Symbol.dispose]();
      await triggers[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      await secrets[Symbol.asyncDispose]();
      await keyStore[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
    },
  };
}

async function checkNats(nc: NatsConnection): Promise<void> {
  await Promise.race([
    nc.flush(),
    new Promise((_, reject) =>
      AbortSignal.timeout(READY_MS).addEventListener("abort", reject)
    ),
  ]);
}

if (import.meta.main) {
  await runProgram(
    "gateway",
    async (log, lookup) => await startGateway(readGatewayConfig(lookup), log),
  );
}
