/** The embedded stack: NATS, engine, runtime and gateway, started in order and ended in reverse. */
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { isOurs, LABEL } from "../../runtime/labels.ts";
import { hashKey } from "../auth/api_key.ts";
import { AppError } from "../contracts/error.ts";
import type { NatsRole, NatsUser } from "../contracts/nats_user.ts";
import { permissionsOf } from "../nats/permissions.ts";
import { allOrNone } from "../stack/all_or_none.ts";
import { superviseChild } from "../stack/child.ts";
import { watchDisk } from "../stack/disk_watch.ts";
import type { Installation } from "../stack/installation.ts";
import { startNats } from "../stack/nats_server.ts";
import { assertPortFree, freePort } from "../stack/ports.ts";
import { endProcess } from "../stack/process.ts";
import type { Progress } from "../stack/progress.ts";
import { provision } from "../stack/provision.ts";
import type { StackSettings } from "../stack/settings.ts";
import { mountShared, unmountShared } from "../stack/shared_memory.ts";
import { openRecord } from "../stack/record.ts";
import { removeState } from "../stack/state.ts";
import { planEngine, startEngine } from "./engine_choice.ts";
import { gatewayAnswers, runtimeAnswers } from "./readiness.ts";
import { scriptOf } from "./script.ts";

const RUN_DIR = "/run/oche";
/** Where somebody who is not root may make a socket. */
const USER_RUN_DIR = "/dev/shm";

const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "::1"];

/** How long a drain of gateway or runtime may take, in milliseconds. */
const DRAIN_MS = 20_000;

/** A server whose disk was full may not end by itself, in milliseconds. */
const NATS_END_MS = 2_000;

export interface StackOptions {
  /** The checkout. */
  root: string;
  settings: StackSettings;
  installation: Installation;
  progress: Progress;
  /** What the operator should know. */
  notice(text: string): void;
  /** For the programs, beside what they inherit. */
  env?: Record<string, string>;
}

export interface Stack extends AsyncDisposable {
  url: string;
  natsUrl: string;
  /** Of the user that services share. */
  natsServiceUrl: string;
  engineSocket: string;
}

/** @throws {AppError} what could not be started and what to do; all else is ended */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { root, settings, installation, progress, notice } = options;
  const { home, id } = installation;
  const record = await openRecord(home);
  await using started = new AsyncDisposableStack();
  started.defer(() => removeState(home));

  if (!LOOPBACK_HOSTS.includes(settings.OCHE_HOST)) {
    notice(
      `The gateway listens on ${settings.OCHE_HOST} without TLS: put a proxy before it`,
    );
  }
  if (settings.OCHE_PORT !== 0) assertPortFree(settings.OCHE_PORT);
  const port = settings.OCHE_PORT || freePort();
  const plan = await planEngine(settings.OCHE_ENGINE);
  const { natsServer, dartVm } = await provision({
    cache: settings.OCHE_CACHE,
    nats: true,
    dart: settings.OCHE_DART === "image" ? "image" : "bundled",
    ...(plan.embedded && { engine: plan.embedded }),
  }, progress);

  const runDir = Deno.uid() === 0 ? RUN_DIR : USER_RUN_DIR;
  const memory = await mountShared(
    `${RUN_DIR}/${id}`,
    settings.OCHE_SHARED_MEMORY_MB === undefined
      ? {}
      : { sizeBytes: settings.OCHE_SHARED_MEMORY_MB * 1024 * 1024 },
  );
  started.defer(async () => {
    await unmountShared(memory.path);
    // Empty when this was the last stack of the machine.
    await Deno.remove(RUN_DIR).catch(() => {});
  });
  if (memory.notice) notice(memory.notice);
  await record.set({ functionsDir: memory.path });

  const users = natsUsers(installation, settings);
  const nats = await progress.step("Starting NATS", () =>
    startNats({
      storeDir: `${home}/nats`,
      configFile: `${home}/nats.conf`,
      logFile: `${home}/nats.log`,
      port: 0,
      user: installation.natsUser,
      password: installation.natsPassword,
      users: Object.values(users),
      onStart: (process) => record.child("nats", process),
      ...(natsServer !== undefined && { program: natsServer }),
    }));
  started.use(nats);
  // A server of this age takes writes again only after a new start.
  started.use(watchDisk(`${home}/nats`, () => {
    if (nats.process) void endProcess(nats.process, NATS_END_MS);
  }));

  const engine = await progress.step(
    "Starting the container engine",
    () =>
      startEngine(plan, {
        root: `${home}/${plan.embedded ?? "engine"}`,
        socketPath: `${runDir}/${id}.sock`,
        logFile: `${home}/engine.log`,
        runtime: settings.OCHE_RUNTIME,
        onStart: (process) => record.child("engine", process),
      }),
  );
  started.use(engine);
  await record.set({
    engineSocket: engine.socketPath,
    natsUrl: nats.url,
    natsServiceUrl: nats.urlOf(users.service),
  });
  started.defer(() => cleanEngine(engine.socketPath, id, settings));

  const common = {
    ...options.env,
    OCHE_INSTALLATION: id,
    OCHE_SEAL_KEYS: installation.sealKeys.join(","),
    OCHE_PORT: String(port),
    OCHE_HOST: settings.OCHE_HOST,
  };
  const url = `http://${settings.OCHE_HOST}:${port}`;
  const [runtime, gateway] = await progress.step(
    "Starting runtime and gateway",
    () =>
      allOrNone([
        superviseChild({
          name: "runtime",
          ...scriptOf(root, "runtime"),
          logFile: `${home}/runtime.log`,
          env: {
            OCHE_CALLBACK_SECRET: installation.callbackSecret,
            ...common,
            NATS_URL: nats.urlOf(users.runtime),
            OCHE_ENGINE_SOCKET: engine.socketPath,
            OCHE_FUNCTIONS_DIR: memory.path,
            ...(dartVm && {
              OCHE_DART_BASE_TAR: dartVm.baseTar,
              OCHE_DART_BASE_DIGEST: dartVm.digest,
            }),
          },
          ready: (signal) => runtimeAnswers(nats.url, signal),
          readyTimeoutMs: 120_000,
          onStart: (process) => record.child("runtime", process),
        }),
        superviseChild({
          name: "gateway",
          ...scriptOf(root, "gateway"),
          logFile: `${home}/gateway.log`,
          env: {
            ...common,
            NATS_URL: nats.urlOf(users.gateway),
            OCHE_ADMIN_KEY_SHA256: hashKey(installation.adminKey),
          },
          ready: (signal) => gatewayAnswers(url, signal),
          onStart: (process) => record.child("gateway", process),
        }),
      ]),
  );
  for (const child of [runtime, gateway]) {
    started.defer(() => child?.stop(DRAIN_MS) ?? Promise.resolve());
  }
  await record.set({ url });
  const stack = started.move();
  let ended: Promise<void> | undefined;
  return {
    url,
    natsUrl: nats.url,
    natsServiceUrl: nats.urlOf(users.service),
    engineSocket: engine.socketPath,
    // Whoever ends it again waits for the same end.
    [Symbol.asyncDispose]: () => ended ??= stack.disposeAsync(),
  };
}

function natsUsers(
  { natsPasswords }: Installation,
  { OCHE_SERVICE_SUBJECTS }: StackSettings,
): Record<NatsRole, NatsUser> {
  const user = (role: NatsRole): NatsUser => ({
    name: role,
    password: natsPasswords[role],
    ...permissionsOf(role, OCHE_SERVICE_SUBJECTS),
  });
  return {
    gateway: user("gateway"),
    runtime: user("runtime"),
    service: user("service"),
  };
}

/** What a runtime that died left on the engine, and the volume. */
export async function cleanEngine(
  socketPath: string,
  installation: string,
  { SHARED_VOLUME_NAME: volume }: StackSettings,
): Promise<void> {
  const engine = dockerEngine({ socketPath });
  const labels = { [LABEL.installation]: installation };
  const found = await engine.list(labels);
  for (const { id } of found.filter(({ labels }) => isOurs(labels))) {
    await engine.remove(id);
  }
  await engine.removeVolume(volume).catch((error) => {
    if (AppError.from(error).code !== "not_found") throw error;
  });
}
