/** A real NATS server for a test, on a free port, with nothing kept. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import {
  type NatsServerOptions,
  startNats,
} from "../../src/stack/nats_server.ts";
import { findPrograms } from "../../src/stack/run.ts";

export interface TestNats extends AsyncDisposable {
  url: string;
  user: string;
  password: string;
  port: number;
  /** Connected; closed with the server. */
  nc: NatsConnection;
}

export async function startTestNats(
  options: Pick<NatsServerOptions, "users"> = {},
): Promise<TestNats> {
  const folder = await mkdtemp(`${tmpdir()}/oche-test-nats-`);
  const user = "test";
  const password = crypto.randomUUID();
  try {
    const server = await startNats({
      storeDir: `${folder}/store`,
      configFile: `${folder}/nats.conf`,
      logFile: `${folder}/nats.log`,
      port: 0,
      user,
      password,
      ...options,
      program: (await findPrograms(["nats-server"])).get("nats-server") ??
        "nats-server",
    });
    const { url, port } = server;
    const nc = await connect({
      servers: `127.0.0.1:${port}`,
      user,
      pass: password,
      noAsyncTraces: true,
    });
    return {
      url,
      user,
      password,
      port,
      nc,
      async [Symbol.asyncDispose]() {
        await nc.close();
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
