/** Client and server of the wire on a real NATS server, with handlers of the test. */
import type { Msg, MsgHdrs, NatsConnection, Payload } from "@nats-io/nats-core";
import type {
  ObjectStore,
  RuntimeClient,
  RuntimeHandlers,
} from "../../src/contracts/port.ts";
import { createLogger } from "../../src/log.ts";
import { bootstrap, type JetStreamParts } from "../../src/nats/bootstrap.ts";
import { connectNats } from "../../src/nats/connect.ts";
import { runtimeClient } from "../../src/nats/runtime_client.ts";
import { RuntimeServer } from "../../src/nats/runtime_server.ts";
import { objectStore } from "../../src/store/objects.ts";
import { startTestNats, type TestNats } from "./nats_server.ts";

export interface Wire extends AsyncDisposable {
  nats: TestNats;
  parts: JetStreamParts;
  claims: ObjectStore;
  client: RuntimeClient;
  /** A server of its own connection. */
  serve(handlers: Partial<RuntimeHandlers>): Promise<RuntimeServer>;
  /** By hand, waiting as long as a busy machine may take. */
  request(
    subject: string,
    payload?: Payload,
    headers?: MsgHdrs,
  ): Promise<Msg>;
}

const WAIT_MS = 20_000;

export async function startWire(): Promise<Wire> {
  const nats = await startTestNats();
  const parts = await bootstrap(nats.nc);
  const claims = objectStore(parts.claims, parts.js);
  const opened: { server: RuntimeServer; nc: NatsConnection }[] = [];
  return {
    nats,
    parts,
    claims,
    client: runtimeClient({
      nc: nats.nc,
      js: parts.js,
      claims,
      maxWaitMs: WAIT_MS,
    }),
    async serve(handlers) {
      const nc = await connectNats(nats.url, "test-runtime");
      const { js, claims: bucket } = await bootstrap(nc);
      const server = new RuntimeServer({
        nc,
        js,
        claims: objectStore(bucket, js),
        log: createLogger(() => {}),
        id: crypto.randomUUID().slice(0, 8),
        version: "0.0.0",
        maxBodyBytes: 6 * 1024 * 1024,
      }, {
        invoke: () => Promise.reject(new Error("not expected")),
        validate: () => Promise.reject(new Error("not expected")),
        deploy: () => Promise.reject(new Error("not expected")),
        ...handlers,
      });
      await nc.flush();
      opened.push({ server, nc });
      return server;
    },
    request: (subject, payload, headers) =>
      nats.nc.request(subject, payload, {
        timeout: WAIT_MS,
        ...(headers && { headers }),
      }),
    async [Symbol.asyncDispose]() {
      for (const { server, nc } of opened) {
        await server.drain();
        await nc.close();
      }
      await nats[Symbol.asyncDispose]();
    },
  };
}
