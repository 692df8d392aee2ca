/** A whole stack for a test: real NATS, real engine, real Dart, in a folder of its own. */
import { deepStrictEqual } from "node:assert";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { parseNatsUrl } from "../../src/nats/connect.ts";
import { startStack } from "../../src/bin/stack.ts";
import { unmountBelow } from "../../src/stack/engine_leftovers.ts";
import { openInstallation } from "../../src/stack/installation.ts";
import { silentProgress } from "../../src/stack/progress.ts";
import { readStackSettings } from "../../src/stack/settings.ts";
import type { EngineName } from "./engines.ts";
import { archiveOf } from "./project.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const CACHE = Deno.env.get("OCHE_CACHE") ?? `${ROOT}/.oche/cache`;

export interface TestStack extends AsyncDisposable {
  home: string;
  url: string;
  key: string;
  engineSocket: string;
  /** Of the operator. */
  natsUrl: string;
  installation: string;
  /** As the operator. */
  nc: NatsConnection;
  /** The URL of the user that services share. */
  natsServiceUrl: string;
  call(
    method: string,
    path: string,
    init?: { body?: BodyInit; headers?: Record<string, string> },
  ): Promise<Response>;
  deploy(
    name: string,
    files: Record<string, string>,
    query?: string,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** The envelope of an invocation. */
  // deno-lint-ignore no-explicit-any -- Tests look into answers of any shape.
  invoke(name: string, envelope?: unknown): Promise<any>;
}

/** What gateway or runtime asked of NATS that their users may not. */
async function violations(home: string): Promise<string[]> {
  const log = await readFile(`${home}/nats.log`, "utf8");
  return log.split("\n").filter((line) =>
    /Violation.*User "(gateway|runtime)"/.test(line)
  );
}

export async function startTestStack(
  engine: EngineName,
  env: Record<string, string> = {},
  /** What is done to its folder before it starts. */
  prepare: (home: string) => Promise<void> = () => Promise.resolve(),
): Promise<TestStack> {
  const home = await mkdtemp(`${tmpdir()}/oche-e2e-`);
  const values: Record<string, string> = {
    OCHE_HOME: home,
    OCHE_CACHE: CACHE,
    OCHE_PORT: "0",
    OCHE_ENGINE: engine === "docker" ? "embedded-docker" : engine,
    OCHE_SHARED_MEMORY_MB: "64",
    ...env,
  };
  async function removeHome(): Promise<void> {
    await unmountBelow(home);
    await rm(home, { recursive: true, force: true });
  }
  try {
    await prepare(home);
    const installation = await openInstallation(home);
    const stack = await startStack({
      root: ROOT,
      settings: readStackSettings((name) => values[name]),
      installation,
      progress: silentProgress,
      notice: () => {},
      env,
    });
    const { servers, user, pass } = parseNatsUrl(stack.natsUrl);
    const nc = await connect({
      servers,
      ...(user && pass && { user, pass }),
      noAsyncTraces: true,
    });
    const headers = { authorization: `Bearer ${installation.adminKey}` };
    const call: TestStack["call"] = async (method, path, init = {}) =>
      await fetch(`${stack.url}${path}`, {
        ...init,
        method,
        headers: { ...headers, ...init.headers },
      });
    return {
      home,
      url: stack.url,
      key: installation.adminKey,
      engineSocket: stack.engineSocket,
      natsUrl: stack.natsUrl,
      installation: installation.id,
      nc,
      natsServiceUrl: stack.natsServiceUrl,
      call,
      deploy: async (name, files, query = "", headers = {}) =>
        await call("POST", `/api/functions/${name}/deployments${query}`, {
          body: await archiveOf(files),
          headers,
        }),
      invoke: async (name, envelope = {}) => {
        const response = await call("POST", `/api/functions/${name}/invoke`, {
          body: JSON.stringify(envelope),
        });
        return await response.json();
      },
      async [Symbol.asyncDispose]() {
        await nc.close();
        await stack[Symbol.asyncDispose]();
        const refused = await violations(home);
        await removeHome();
        // Add what is needed to the table in src/nats/permissions.ts.
        deepStrictEqual(refused, []);
      },
    };
  } catch (error) {
    const logs = await lastLogs(home);
    await removeHome();
    throw new Error(`The stack does not start\n${logs}`, { cause: error });
  }
}

/** What the programs said last, since their folder goes. */
async function lastLogs(home: string): Promise<string> {
  const tails = ["runtime", "gateway", "nats", "engine"].map(async (name) => {
    const text = await Deno.readTextFile(`${home}/${name}.log`).catch(() => "");
    return `${name}: ${text.slice(-1_500)}`;
  });
  return (await Promise.all(tails)).join("\n");
}
