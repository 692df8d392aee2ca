/** The benchmark's floors as processes: their own NATS, the real gateway, echoes. */
import { randomBytes } from "node:crypto";
import { bootstrap } from "../nats/bootstrap.ts";
import { connectNats } from "../nats/connect.ts";
import { hashKey } from "../auth/api_key.ts";
import { SEAL_KEY_BYTES } from "../contracts/sealer.ts";
import type { Floors } from "../bench/scenarios/warm.ts";
import type { WebhookPlaces } from "../bench/scenarios/webhooks.ts";
import { superviseChild } from "../stack/child.ts";
import { startNats } from "../stack/nats_server.ts";
import { freePort } from "../stack/ports.ts";
import { KvRegistry } from "../store/registry.ts";
import { emptyStreams, plainPublish } from "./bench_stream.ts";
import { gatewayAnswers } from "./readiness.ts";
import { scriptOf } from "./script.ts";

const KEY = "bench";

/** What the gateway of the floors knows as ready, and nobody runs. */
const FUNCTION = "echo";

export interface RunningFloors extends Floors, AsyncDisposable {
  /** The same floors, for work that is stored. */
  webhooks: WebhookPlaces;
}

/** @param folder Emptied by whoever made it. */
export async function startFloors(
  root: string,
  folder: string,
  program: string | undefined,
): Promise<RunningFloors> {
  await using started = new AsyncDisposableStack();
  const nats = started.use(
    await startNats({
      storeDir: `${folder}/nats`,
      configFile: `${folder}/nats.conf`,
      logFile: `${folder}/nats.log`,
      port: 0,
      user: "bench",
      password: crypto.randomUUID(),
      ...(program !== undefined && { program }),
    }),
  );
  await registerEcho(nats.url);
  const nc = await connectNats(nats.url, "bench");
  started.defer(() => nc.drain());
  const [barePort, gatewayPort] = [freePort(), freePort()];
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const child = async (
    script: string,
    args: string[],
    env: Record<string, string>,
    ready?: (signal: AbortSignal) => Promise<void>,
  ) =>
    started.use(
      await superviseChild({
        name: `floor ${args[0] ?? script}`,
        ...scriptOf(root, script, args),
        env: { NATS_URL: nats.url, ...env },
        logFile: `${folder}/floor.log`,
        ...(ready && { ready }),
      }),
    );
  await child("bench_floor", ["echo"], {});
  await child("bench_floor", ["runtime"], {});
  await child("bench_floor", ["gateway", String(barePort)], {});
  await child(
    "gateway",
    [],
    {
      OCHE_HOST: "127.0.0.1",
      OCHE_PORT: String(gatewayPort),
      OCHE_ADMIN_KEY_SHA256: hashKey(KEY),
      // Nobody takes the webhooks that it stores.
      OCHE_MAX_QUEUED: "10000000",
      OCHE_SEAL_KEYS: randomBytes(SEAL_KEY_BYTES).toString("base64"),
    },
    (signal) => gatewayAnswers(gatewayUrl, signal),
  );
  const bareUrl = `http://127.0.0.1:${barePort}`;
  const publish = await plainPublish(nc);
  const all = started.move();
  return {
    bareUrl,
    gatewayUrl,
    key: KEY,
    webhooks: {
      gatewayUrl,
      bareUrl,
      key: KEY,
      functionName: FUNCTION,
      publish,
      empty: () => emptyStreams(nc),
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function registerEcho(url: string): Promise<void> {
  const nc = await connectNats(url, "bench");
  try {
    const { functions } = await bootstrap(nc);
    await using registry = await KvRegistry.open(functions);
    const { id } = await registry.ensure(FUNCTION, {});
    const { version } = await registry.addVersion(id, "0".repeat(64));
    await registry.updateVersion(id, version, { status: "ready" });
    await registry.setCurrent(id, version);
  } finally {
    await nc.drain();
  }
}
