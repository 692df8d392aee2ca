/** The embedded server, started for real. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connectNats } from "../../src/nats/connect.ts";
import { canLogIn } from "../../src/stack/nats_login.ts";
import {
  type NatsServerOptions,
  startNats,
} from "../../src/stack/nats_server.ts";
import { findPrograms } from "../../src/stack/run.ts";
import { startTestNats } from "../support/nats_server.ts";
import { until } from "../support/until.ts";

async function withFolder(
  work: (options: NatsServerOptions) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp("/tmp/oche-test-nats ");
  const program = (await findPrograms(["nats-server"])).get("nats-server");
  try {
    await work({
      storeDir: `${folder}/store`,
      configFile: `${folder}/nats.conf`,
      logFile: `${folder}/nats.log`,
      port: 0,
      user: 'us"er@',
      password: "p/a:ss\\ $word",
      ...(program && { program }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

Deno.test("startNats() keeps what JetStream holds over a restart", () =>
  withFolder(async (options) => {
    {
      await using server = await startNats(options);
      const nc = await connectNats(server.url, "test");
      const kv = await new Kvm(nc).create("kept");
      await kv.put("key", "value");
      await nc.close();
    }
    await using server = await startNats(options);
    const nc = await connectNats(server.url, "test");
    const kv = await new Kvm(nc).open("kept");
    strictEqual((await kv.get("key"))?.string(), "value");
    await nc.close();
    strictEqual((await stat(options.configFile)).mode & 0o777, 0o600);
  }));

Deno.test("startNats() brings a killed server back on its port", () =>
  withFolder(async (options) => {
    await using server = await startNats(options);
    const nc = await connectNats(server.url, "test");
    const reconnected = (async () => {
      for await (const { type } of nc.status()) {
        if (type === "reconnect") return;
      }
    })();
    const pid = server.process?.pid;
    ok(pid);
    Deno.kill(pid, "SIGKILL");
    await reconnected;
    ok(server.process?.pid !== pid);
    await nc.close();
  }));

Deno.test("startNats() refuses others, and $SYS to its user", () =>
  withFolder(async (options) => {
    await using server = await startNats(options);
    const { user, password } = options;
    const logins: [string, string, boolean][] = [
      [user, password, true],
      [user, "wrong", false],
      ["", "", false],
    ];
    for (const [name, word, allowed] of logins) {
      const letsIn = () => canLogIn("127.0.0.1", server.port, name, word);
      // canLogIn() gives up early, as if refused.
      if (allowed) await until(letsIn);
      else strictEqual(await letsIn(), false);
    }
    const nc = await connectNats(server.url, "test");
    const denied = (async () => {
      for await (const { type } of nc.status()) {
        if (type === "error") return;
      }
    })();
    const sub = nc.subscribe("$SYS.>", { callback: () => {} });
    await denied;
    ok(sub.isClosed());
    await nc.close();
  }));

Deno.test("startNats() says that a port is in use, and why a start failed", () =>
  withFolder(async (options) => {
    await using server = await startNats(options);
    await rejects(startNats({ ...options, port: server.port }), {
      code: "conflict",
      message: `Cannot listen on 127.0.0.1:${server.port}: the port is in use`,
    });
    await writeFile(`${options.storeDir}-file`, "");
    await rejects(
      startNats({
        ...options,
        storeDir: `${options.storeDir}-file/store`,
      }),
      /ENOTDIR|Not a directory/,
    );
    await rejects(startNats({ ...options, program: "/nowhere/nats-server" }), {
      code: "unavailable",
      message: /^Cannot start "nats-server": it ended with code 127$/,
      hint: /not found|No such file/,
    });
  }));

Deno.test("startTestNats() gives a connection with JetStream", async () => {
  await using nats = await startTestNats();
  const jsm = await jetstreamManager(nats.nc);
  strictEqual((await jsm.getAccountInfo()).streams, 0);
  const nc = await connectNats(nats.url, "test");
  nc.subscribe("echo", { callback: (_error, m) => void m.respond(m.data) });
  await nc.flush();
  deepStrictEqual(
    (await nats.nc.request("echo", "hi", { timeout: 20_000 })).string(),
    "hi",
  );
  await nc.close();
});
