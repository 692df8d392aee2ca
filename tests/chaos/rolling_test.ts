/** Gateways and runtimes restarted in turn under load, and not a call lost. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { freePort } from "../../src/stack/ports.ts";
import { plainFunction } from "../support/project.ts";
import { report } from "../support/report.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { pidOf } from "./faults/parts.ts";
import { startTwin } from "./faults/twin.ts";

const CALLERS = 4;

const SLOWISH = plainFunction(`
    await Future.delayed(const Duration(milliseconds: 20));
    return CloudResponse.text(request.query['token'] ?? '');`);

/** Callers through two gateways, as a proxy before them would spread them. */
class Callers {
  calls = 0;
  readonly failed: string[] = [];
  readonly #stopped = new AbortController();
  readonly #running: Promise<void[]>;

  constructor(urls: string[], key: string) {
    this.#running = Promise.all(
      Array.from({ length: CALLERS }, () => this.#run(urls, key)),
    );
  }

  async #run(urls: string[], key: string): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const token = crypto.randomUUID();
      const outcome = await this.#call(urls, key, token);
      this.calls++;
      if (outcome !== token) this.failed.push(outcome);
    }
  }

  /** The next gateway, where one does not take the connection. */
  async #call(urls: string[], key: string, token: string): Promise<string> {
    const first = this.calls % urls.length;
    for (let tries = 0; tries < 2 * urls.length; tries++) {
      const url = urls[(first + tries) % urls.length];
      try {
        const response = await fetch(`${url}/fn/rolling?token=${token}`, {
          headers: { authorization: `Bearer ${key}` },
        });
        return await response.text();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
    return "no gateway took the call";
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }
}

/** Ends it in an orderly way; resolves when its supervisor has it again. */
async function restart(
  pid: () => Promise<number>,
  back: () => Promise<boolean>,
): Promise<void> {
  const before = await pid();
  Deno.kill(before, "SIGTERM");
  await until(async () => await pid() !== before);
  await until(back);
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

/** So many runtimes answer the services' ping (ADR-32). */
async function runtimes(stack: TestStack): Promise<Set<string>> {
  const ids = new Set<string>();
  const replies = await stack.nc.requestMany("$SRV.PING.oche-runtime", "", {
    maxWait: 500,
  });
  for await (const reply of replies) ids.add(reply.json<{ id: string }>().id);
  return ids;
}

Deno.test("a rolling restart fails no call", async () => {
  await using stack = await startTestStack("podman", { OCHE_PREWARMED: "0" });
  strictEqual((await stack.deploy("rolling", SLOWISH)).status, 201);
  const port = String(freePort());
  const second = `http://127.0.0.1:${port}`;
  await using gateway = await startTwin(
    stack,
    "gateway",
    { OCHE_PORT: port },
    () => until(() => answers(second)),
  );
  await using runtime = await startTwin(
    stack,
    "runtime",
    {},
    () => until(async () => (await runtimes(stack)).size === 2),
  );
  const callers = new Callers([stack.url, second], stack.key);
  await until(() => callers.calls > 50);

  const pidOfTwin = (twin: { process: { pid: number } | undefined }) =>
    until(() => twin.process !== undefined)
      .then(() => twin.process?.pid ?? 0);
  await restart(() => pidOf(stack, "gateway"), () => answers(stack.url));
  await restart(() => pidOfTwin(gateway), () => answers(second));
  for (
    const pid of [() => pidOf(stack, "runtime"), () => pidOfTwin(runtime)]
  ) {
    let before = new Set<string>();
    // A reply may be late for who asks once.
    await until(async () => (before = await runtimes(stack)).size === 2);
    await restart(pid, async () => {
      const now = await runtimes(stack);
      return now.size === 2 && now.difference(before).size === 1;
    });
  }
  const { calls } = callers;
  await until(() => callers.calls > calls + 50);
  await callers.stop();
  report([
    "rolling restart of two gateways and two runtimes",
    `${callers.calls} calls`,
    `${callers.failed.length} failed`,
  ]);
  deepStrictEqual(callers.failed, []);
  ok(callers.calls > 100);
});
