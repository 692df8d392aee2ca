/** The runtime: its parts put together behind RuntimeHandlers. */
import type { EventSink } from "../src/contracts/event.ts";
import type {
  BuildProgress,
  LogStore,
  ObjectStore,
  Registry,
  RuntimeHandlers,
  StoreUpkeep,
} from "../src/contracts/port.ts";
import type { Logger } from "../src/log.ts";
import { Semaphore } from "../src/semaphore.ts";
import { Deployer } from "./deploy/deployer.ts";
import { prepare, prepareLimits } from "./deploy/prepare.ts";
import { smokeTest } from "./deploy/smoke_test.ts";
import { requireNetwork, requireRuntime } from "./engine/check.ts";
import type { ContainerEngine } from "./engine/engine.ts";
import { whyUnlimited } from "./exchange/quota.ts";
import { Invoker } from "./invoke/invoker.ts";
import { Sandboxes } from "./invoke/sandboxes.ts";
import { SandboxStarter } from "./invoke/sandbox_starter.ts";
import { Janitor } from "./janitor.ts";
import { GenericStock } from "./prewarm/generic_stock.ts";
import type { RuntimeSettings } from "./settings.ts";
import type { Artefacts } from "./toolchain/artefacts.ts";
import type { Toolchain } from "./toolchain/toolchain.ts";
import { ensureFunctionsVolume } from "./volume.ts";

/** At once; each may unpack an archive of the largest size. */
const VALIDATIONS = 2;

export interface RuntimeDeps {
  registry: Registry;
  events: EventSink;
  archives: ObjectStore;
  claims: ObjectStore;
  logs: LogStore;
  progress: BuildProgress;
  engine: ContainerEngine;
  toolchain: Toolchain;
  artefacts: Artefacts;
  upkeep: StoreUpkeep;
  settings: RuntimeSettings;
  log: Logger;
  nextName(): string;
  liveRuntimes(): Promise<Set<string>>;
}

export interface RuntimeService extends RuntimeHandlers, AsyncDisposable {}

/** @throws {AppError} `unavailable` or `conflict` when engine or volume are not right */
export async function startRuntime(
  given: RuntimeDeps,
): Promise<RuntimeService> {
  const deps = { ...given, settings: withinReach(given) };
  const { engine, settings, toolchain, claims } = deps;
  await ensureFunctionsVolume(engine, settings);
  const { containerRuntime, networks } = settings;
  if (containerRuntime !== undefined) {
    await requireRuntime(engine, containerRuntime);
  }
  for (const network of networks) {
    // The functions that need none are served all the same.
    await requireNetwork(engine, network).catch((error) =>
      deps.log.warn("An approved network is missing", { error })
    );
  }
  await toolchain.prepare();
  const janitor = new Janitor({
    ...deps,
    loaderImage: toolchain.loader?.image,
  });
  await janitor.removeLeftovers();
  const loader = settings.prewarmed > 0 ? toolchain.loader : undefined;
  const stock = new GenericStock({ ...deps, loader });
  const starter = new SandboxStarter({
    ...deps,
    stock,
    loader,
    isCurrent: (image) => toolchain.isCurrent(image),
    restore: (version) => deployer.restore(version),
  });
  const sandboxes = new Sandboxes({ ...deps, starter });
  const deployer = new Deployer({
    ...deps,
    limits: prepareLimits(settings),
    smokeTest: smokeTest(deps),
    adopt: (record, version, sandbox): boolean =>
      sandboxes.adopt(record, version, sandbox),
  });
  const validations = new Semaphore(VALIDATIONS);
  // Neither this nor a whole sweep is waited for: both ask for every function.
  sandboxes.warmUp().catch((error) =>
    deps.log.warn("Cannot start sandboxes ahead", { error })
  );
  const invoker = new Invoker({ ...deps, sandboxes });
  const stopping = new AbortController();

  return {
    invoke: (ref, request, options) => invoker.invoke(ref, request, options),

    async validate({ archive }) {
      try {
        const bytes = await claims.get(archive, settings.maxArchiveBytes);
        using _permit = await validations.acquire();
        return (await prepare(bytes, prepareLimits(settings))).analysis;
      } finally {
        await claims.remove(archive);
      }
    },

    deploy: (event, attempt) =>
      deployer.deploy(event, attempt, stopping.signal),

    async [Symbol.asyncDispose]() {
      stopping.abort();
      await sandboxes[Symbol.asyncDispose]();
      await stock[Symbol.asyncDispose]();
      await janitor[Symbol.asyncDispose]();
    },
  };
}

/** Without the limit of each exchange directory where none can be set. */
function withinReach({ settings, log }: RuntimeDeps): RuntimeSettings {
  const why = whyUnlimited(settings.functionsDir);
  if (why === undefined) return settings;
  log.warn("Sandboxes share one limit for what they write", { why });
  return { ...settings, exchangeBytes: undefined };
}
