/** docs/nats.conf: as the table has it, and run by the real server. */
import { ok, strictEqual } from "node:assert";
import { superviseChild } from "../../src/stack/child.ts";
import { canLogIn } from "../../src/stack/nats_login.ts";
import { onFreePort } from "../../src/stack/ports.ts";
import { findPrograms } from "../../src/stack/run.ts";
import { INBOX, type NatsRole } from "../../src/contracts/nats_user.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { bootstrapAccess } from "../../src/nats/bootstrap_access.ts";
import { connectNats } from "../../src/nats/connect.ts";
import { awaitStreams } from "../../src/nats/await_streams.ts";
import { serverConfig } from "../../src/nats/server_config.ts";
import { bootstrapAsync } from "../../src/nats/bootstrap_async.ts";
import { tempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

const FILE = new URL("../../docs/nats.conf", import.meta.url).pathname;

Deno.test("docs/nats.conf says what the table of users says", async () => {
  strictEqual(
    await Deno.readTextFile(FILE),
    serverConfig(),
    "write it anew: see src/nats/server_config.ts",
  );
});

Deno.test("docs/nats.conf runs: the users log in, and gateway and runtime find what they need", async () => {
  using folder = tempDir();
  let port = 0;
  const passwords: Record<string, string> = {
    oche: `p${crypto.randomUUID()}`,
    gateway: `p${crypto.randomUUID()}`,
    runtime: `p${crypto.randomUUID()}`,
    service: `p${crypto.randomUUID()}`,
  };
  const letsIn = async (user: string, password = passwords[user] ?? "") =>
    await canLogIn("127.0.0.1", port, user, password);
  const command = (await findPrograms(["nats-server"])).get("nats-server") ??
    "nats-server";
  const server = await onFreePort((free) => {
    port = free;
    return superviseChild({
      name: "nats-server",
      command,
      args: [
        ...["--config", FILE, "--store_dir", `${folder.path}/store`],
        ...["--addr", "127.0.0.1", "--port", String(port)],
      ],
      logFile: `${folder.path}/nats.log`,
      env: {
        OCHE_NATS_PASSWORD: passwords["oche"] ?? "",
        OCHE_NATS_GATEWAY_PASSWORD: passwords["gateway"] ?? "",
        OCHE_NATS_RUNTIME_PASSWORD: passwords["runtime"] ?? "",
        OCHE_NATS_SERVICE_PASSWORD: passwords["service"] ?? "",
      },
      ready: async (signal) => {
        while (!signal.aborted && !await letsIn("oche")) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
      readyTimeoutMs: 60_000,
    });
  });
  const as = (role: NatsRole) =>
    connectNats(
      `nats://${role}:${passwords[role]}@127.0.0.1:${port}`,
      "test",
      INBOX[role],
    );
  try {
    for (const user of Object.keys(passwords)) {
      // canLogIn() gives up early, as if refused.
      await until(() => letsIn(user));
      ok(!await letsIn(user, "wrong"), user);
    }
    const gateway = await as("gateway");
    const { js } = await bootstrap(gateway);
    await bootstrapAccess(js);
    await bootstrapAsync(gateway, js, {
      recordMs: 1e6,
      deadMs: 1e6,
      maxQueued: 10,
    });
    const runtime = await as("runtime");
    await awaitStreams(runtime);
    const { functions } = await bootstrap(runtime);
    await functions.put("name.a", "{}");
    await gateway.close();
    await runtime.close();
    const log = await Deno.readTextFile(`${folder.path}/nats.log`);
    ok(!log.includes("Violation"), log);
  } finally {
    await server.stop();
  }
});
