/** The runtime program: NATS on one side, a container engine on the other. */
import { startTaker } from "../../runtime/async/taker.ts";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import type { ContainerEngine } from "../../runtime/engine/engine.ts";
import { ContainerNames } from "../../runtime/labels.ts";
import { startRuntime } from "../../runtime/service.ts";
import type { RuntimeSettings } from "../../runtime/settings.ts";
import { Artefacts } from "../../runtime/toolchain/artefacts.ts";
import { readDartPackages } from "../../runtime/toolchain/build_folder.ts";
import { bundledToolchain } from "../../runtime/toolchain/bundled.ts";
import { chooseToolchain } from "../../runtime/toolchain/choose.ts";
import { dartImageToolchain } from "../../runtime/toolchain/dart_image.ts";
import type { Toolchain } from "../../runtime/toolchain/toolchain.ts";
import { createSealer } from "../auth/sealing.ts";
import { parseHosts } from "../callback/hosts.ts";
import { network } from "../callback/network.ts";
import { callbacks } from "../callback/tell.ts";
import { readRuntimeConfig, type RuntimeConfig } from "../config.ts";
import type { Logger } from "../log.ts";
import { awaitStreams } from "../nats/await_streams.ts";
import { bootstrap } from "../nats/bootstrap.ts";
import { buildProgress } from "../nats/build_progress.ts";
import { onCancel } from "../nats/cancels.ts";
import { durablePublish } from "../nats/durable_publish.ts";
import { openEventSink } from "../nats/event_sink.ts";
import { startHeartbeat } from "../nats/heartbeat.ts";
import { BUCKET } from "../nats/subject.ts";
import { RuntimeServer } from "../nats/runtime_server.ts";
import { logStore } from "../store/logs.ts";
import { objectStore } from "../store/objects.ts";
import { resealObjects } from "../store/reseal.ts";
import { KvRegistry } from "../store/registry.ts";
import { sealedObjects } from "../store/sealed_objects.ts";
import { KvTriggers } from "../store/triggers.ts";
import { openChains } from "../trigger/chain.ts";
import { storeUpkeep } from "../store/upkeep.ts";
import { VERSION } from "../version.ts";
import { openAsync } from "./async_parts.ts";
import { openConnections } from "./connections.ts";
import { asyncFollowUp, withFollowUps } from "./follow_ups.ts";
import { resealAll } from "./reseal.ts";
import { runProgram } from "./program.ts";
import { settingsOf } from "./runtime_settings.ts";

/** For one try at telling an outcome, in milliseconds. */
const CALLBACK_MS = 10_000;

const TEMPLATES = new URL("../../templates", import.meta.url).pathname;

/** @throws {AppError} `unavailable` without NATS, engine or toolchain */
export async function startRuntimeProgram(
  config: RuntimeConfig,
  log: Logger,
): Promise<AsyncDisposable> {
  const settings = settingsOf(config);
  const engine = dockerEngine({ socketPath: config.OCHE_ENGINE_SOCKET });
  const nextName = nameSource(settings);

  const sealer = await createSealer(config.OCHE_SEAL_KEYS);
  const connections = await openConnections(config.NATS_URL, "runtime");
  const { nc, calls } = connections;
  await awaitStreams(nc);
  const { js, functions, runtimes, archives, claims, ...stores } =
    await bootstrap(nc);
  const artefacts = new Artefacts(
    sealedObjects(objectStore(stores.artefacts, js), BUCKET.artefacts, sealer),
  );
  const toolchain = await toolchainOf(config, {
    engine,
    settings,
    nextName,
    artefacts,
  });
  const registry = await KvRegistry.open(
    functions,
    (error) => log.error("Cannot read a function or a version", { error }),
  );
  const heartbeat = await startHeartbeat(
    { kv: runtimes, js },
    settings.runtimeId,
    log,
  );
  const events = openEventSink({
    nc,
    registry,
    installation: config.OCHE_INSTALLATION,
    log,
  });
  const service = await startRuntime({
    registry,
    events,
    archives: sealedObjects(objectStore(archives, js), BUCKET.archives, sealer),
    claims: objectStore(claims, js),
    logs: await logStore(js),
    progress: buildProgress(nc),
    engine,
    toolchain,
    artefacts,
    upkeep: storeUpkeep({
      js,
      functions,
      archives,
      artefacts: stores.artefacts,
    }),
    settings,
    log,
    nextName,
    liveRuntimes: () => heartbeat.live(),
  });
  const asyncStores = await openAsync({ nc, js, registry, sealer }, config);
  const triggers = await KvTriggers.open(
    stores.triggers,
    (error) => log.error("Cannot read a trigger", { error }),
  );
  const chains = await openChains({
    triggers,
    registry,
    events,
    async: asyncStores.async,
    publish: await durablePublish(nc, js),
  });
  const after = { chains, events, registry, async: asyncStores.async, log };
  const synchronous = withFollowUps(
    (ref, request, options) => service.invoke(ref, request, options),
    after,
  );
  const server = new RuntimeServer({
    nc: calls,
    js,
    claims: objectStore(claims, js),
    log,
    id: settings.runtimeId,
    version: VERSION,
    maxBodyBytes: settings.maxBodyBytes,
  }, { ...service, invoke: synchronous.invoke });
  const taker = startTaker({
    ...asyncStores,
    callbacks: callbacks({
      ...network,
      hosts: parseHosts(config.OCHE_CALLBACK_HOSTS),
      secret: config.OCHE_CALLBACK_SECRET,
      timeoutMs: CALLBACK_MS,
      publish: async (subject, text) => {
        nc.publish(subject, text);
        await nc.flush();
      },
    }),
    registry,
    log,
    invoke: (ref, request, options) => service.invoke(ref, request, options),
    runtimeId: settings.runtimeId,
    concurrency: config.OCHE_ASYNC_CONCURRENCY ??
      Math.max(1, Math.floor(settings.maxSandboxes / 2)),
    liveRuntimes: () => heartbeat.live(),
    followUps: [asyncFollowUp(after)],
  });
  onCancel(nc, (id) => taker.cancel(id));
  void resealAll(sealer, log, {
    artefacts: () => resealObjects(stores.artefacts, BUCKET.artefacts, sealer),
  });
  log.info("Runtime serves", {
    runtime: settings.runtimeId,
    toolchain: toolchain.name,
  });
  return {
    async [Symbol.asyncDispose]() {
      await server.drain();
      await synchronous[Symbol.asyncDispose]();
      await taker[Symbol.asyncDispose]();
      chains[Symbol.dispose]();
      await triggers[Symbol.asyncDispose]();
      events[Symbol.dispose]();
      await service[Symbol.asyncDispose]();
      await heartbeat[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
    },
  };
}

function nameSource(
  { installation, runtimeId }: RuntimeSettings,
): () => string {
  const names = new ContainerNames({ installation, runtime: runtimeId });
  return () => names.next();
}

async function toolchainOf(
  config: RuntimeConfig,
  parts: {
    engine: ContainerEngine;
    settings: RuntimeSettings;
    artefacts: Artefacts;
    nextName(): string;
  },
): Promise<Toolchain> {
  const packages = await readDartPackages(TEMPLATES);
  const { OCHE_DART_BASE_TAR: baseTar, OCHE_DART_BASE_DIGEST: baseDigest } =
    config;
  return await chooseToolchain(config.OCHE_DART, {
    hasImage: async () =>
      await parts.engine.hasImage(config.OCHE_DART_IMAGE) !== undefined,
    image: () =>
      dartImageToolchain({ ...parts, packages, image: config.OCHE_DART_IMAGE }),
    bundled: baseTar && baseDigest
      ? () => bundledToolchain({ ...parts, packages, baseTar, baseDigest })
      : undefined,
  });
}

if (import.meta.main) {
  await runProgram(
    "runtime",
    async (log, lookup) =>
      await startRuntimeProgram(readRuntimeConfig(lookup), log),
  );
}
