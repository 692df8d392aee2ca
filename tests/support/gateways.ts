/** Gateways as processes of their own, on one real NATS server. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { hashKey } from "../../src/auth/api_key.ts";
import { gatewayAnswers } from "../../src/bin/readiness.ts";
import { superviseChild } from "../../src/stack/child.ts";
import { onFreePort } from "../../src/stack/ports.ts";
import { startTestNats, type TestNats } from "./nats_server.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

export interface TestGateways extends AsyncDisposable {
  nats: TestNats;
  urls: string[];
  adminKey: string;
  /** Ends one at once; it is started again. */
  kill(number: number): void;
  /** What all of them wrote to their logs. */
  logs(): Promise<string>;
}

export async function startGateways(
  count: number,
  env: Record<string, string> = {},
): Promise<TestGateways> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(`${tmpdir()}/oche-test-gateways-`);
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const nats = started.use(await startTestNats());
  const adminKey = crypto.randomUUID();
  const urls: string[] = [];
  const pids: number[] = [];
  for (let number = 0; number < count; number++) {
    const child = await onFreePort((port) => {
      const url = `http://127.0.0.1:${port}`;
      urls[number] = url;
      return superviseChild({
        name: "gateway",
        command: Deno.execPath(),
        args: [
          ...["run", "-A", "--quiet", "--no-check"],
          `--config=${ROOT}/deno.json`,
          `${ROOT}/src/bin/gateway.ts`,
        ],
        logFile: `${folder}/gateway-${number}.log`,
        env: {
          NATS_URL: nats.url,
          OCHE_HOST: "127.0.0.1",
          OCHE_PORT: String(port),
          OCHE_ADMIN_KEY_SHA256: hashKey(adminKey),
          OCHE_SEAL_KEYS: btoa("k".repeat(32)),
          ...env,
        },
        ready: (signal) => gatewayAnswers(url, signal),
        onStart: ({ pid }) => void (pids[number] = pid),
        readyTimeoutMs: 120_000,
      });
    });
    started.defer(() => child.stop());
  }
  const all = started.move();
  return {
    nats,
    urls,
    adminKey,
    kill(number) {
      const pid = pids[number];
      if (pid !== undefined) Deno.kill(pid, "SIGKILL");
    },
    async logs() {
      const texts = urls.map((_, number) =>
        readFile(`${folder}/gateway-${number}.log`, "utf8")
      );
      return (await Promise.all(texts)).join("");
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
