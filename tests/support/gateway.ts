/** The HTTP application on ports in memory, and a runtime that a test scripts. */
import { createApp } from "../../routes/app.ts";
import type { GatewayDeps } from "../../routes/env.ts";
import { hashKey } from "../../src/auth/api_key.ts";
import { createSealer } from "../../src/auth/sealing.ts";
import { invokeSignatures } from "../../src/auth/signatures.ts";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import type { CloudRequest } from "../../src/contracts/cloud.ts";
import type { DeployEvent } from "../../src/contracts/deploy.ts";
import type { AppError } from "../../src/contracts/error.ts";
import type {
  InvokeOptions,
  InvokeReply,
  RuntimeClient,
} from "../../src/contracts/port.ts";
import { memoryDeliveries } from "./deliveries.ts";
import { createLogger } from "../../src/log.ts";
import { recordedEvents } from "./recorded_events.ts";
import { memoryTriggers } from "./triggers.ts";
import { memoryAsync, memoryDead } from "./memory_async.ts";
import {
  memoryKeys,
  memoryLogs,
  memoryObjects,
  memoryRegistry,
  memoryReplays,
  memorySecrets,
} from "./memory.ts";

export const KEY = {
  admin: "admin-key",
  deploy: "deploy-key",
  invoke: "invoke-key",
  read: "read-key",
} as const;

export interface Invocation {
  ref: string;
  request: CloudRequest;
  options: InvokeOptions;
}

export interface TestGateway {
  deps: GatewayDeps;
  invocations: Invocation[];
  deploys: DeployEvent[];
  /** What the next invocations come to; echoes the request until set. */
  answer: (invocation: Invocation) => InvokeReply["outcome"];
  /** What a deploy ends in; ready until set. */
  build: (event: DeployEvent) => Promise<void>;
  call(
    method: string,
    path: string,
    init?: { key?: string; body?: BodyInit; headers?: Record<string, string> },
  ): Promise<Response>;
  /** A ready function of that name. */
  deployed(name: string, settings?: { public?: boolean }): Promise<string>;
}

const sealer = await createSealer([
  crypto.getRandomValues(new Uint8Array(32)),
]);

export function testGateway(
  limits: Partial<GatewayDeps["limits"]> = {},
  replaced: Partial<GatewayDeps> = {},
): TestGateway {
  const registry = memoryRegistry();
  const secrets = memorySecrets();
  const keyStore = memoryKeys(
    Object.entries(KEY).map(([scope, key]) => ({
      id: scope,
      name: scope,
      sha256: hashKey(key),
      scopes: [scope as keyof typeof KEY],
      createdAt: new Date(0).toISOString(),
    })),
  );
  const runtime: RuntimeClient = {
    invoke(ref, request, options) {
      const invocation = { ref, request, options };
      gateway.invocations.push(invocation);
      return Promise.resolve({
        invocationId: "i-1",
        version: options.version ?? 1,
        durationMs: 1.5,
        waitMs: 0.5,
        startMs: 0.3,
        start: "cold",
        logs: [{
          level: "info",
          message: "ran",
          timestamp: "2026-01-01T00:00:00Z",
        }],
        outcome: gateway.answer(invocation),
      });
    },
    validate: () =>
      Promise.resolve({
        class: "Hello",
        file: "lib/hello.dart",
        line: 3,
        logger: false,
        files: 2,
      }),
    async deploy(event) {
      gateway.deploys.push(event);
      await gateway.build(event);
    },
    watchBuild(_id, _version, callback) {
      callback({ type: "step", step: "analyse", message: "Analysing" });
      return Promise.resolve({
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  };
  const deps: GatewayDeps = {
    registry,
    async: memoryAsync(),
    dead: memoryDead(),
    checkCallback: () => {},
    triggers: memoryTriggers(),
    events: recordedEvents(),
    feed: {
      latest: () => Promise.resolve([]),
      follow: () => Promise.resolve(),
    },
    deliveries: memoryDeliveries(),
    archives: memoryObjects(),
    claims: memoryObjects(),
    logs: memoryLogs(),
    storage: {
      stores: () =>
        Promise.resolve([{
          name: "oche_archives",
          kind: "objects",
          messages: 2,
          bytes: 3_145_728,
          isInMemory: false,
        }]),
    },
    runtime,
    sealer,
    keys: {
      find: keyStore.find,
      nameOf: async (ref) => (await registry.find(ref))?.name,
      admit: () => {},
    },
    keyStore,
    secrets,
    signatures: invokeSignatures({ secrets, replays: memoryReplays() }),
    corsOrigins: [],
    limits: {
      bodyBytes: 1024,
      bodyMs: 30_000,
      heldBytes: 1024 ** 2,
      archiveBytes: 2048,
      deployMs: 5_000,
      ...limits,
    },
    networks: ["db"],
    log: createLogger(() => {}),
    version: "0.0.0",
    checkReady: () => Promise.resolve(),
    ...replaced,
  };
  const app = createApp(deps);
  const gateway: TestGateway = {
    deps,
    invocations: [],
    deploys: [],
    answer: ({ request }) => ({
      response: CloudResponse.parse({ statusCode: 200, body: request }),
    }),
    async build({ functionId, version }) {
      await registry.updateVersion(functionId, version, { status: "ready" });
      await registry.setCurrent(functionId, version);
    },
    call: async (method, path, { key = KEY.admin, body, headers } = {}) =>
      await app.request(path, {
        method,
        ...(body !== undefined && { body }),
        headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
      }),
    async deployed(name, settings = {}) {
      const { id } = await registry.ensure(name, settings);
      const { version } = await registry.addVersion(id, "0".repeat(64));
      await registry.updateVersion(id, version, { status: "ready" });
      await registry.setCurrent(id, version);
      return id;
    },
  };
  return gateway;
}

/** An answer of the runtime that is an error. */
export function failing(
  error: AppError,
): (invocation: Invocation) => InvokeReply["outcome"] {
  return () => ({ error });
}
