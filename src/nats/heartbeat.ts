/** Which runtimes live: each says so now and then, and is forgotten when silent. */
import type { KV } from "@nats-io/kv";
import type { Logger } from "../log.ts";

const PERIOD_MS = 5_000;

export interface Heartbeat extends AsyncDisposable {
  /** Ids of the runtimes that said so lately, this one among them. */
  live(): Promise<Set<string>>;
}

export async function startHeartbeat(
  kv: KV,
  id: string,
  log: Logger,
): Promise<Heartbeat> {
  async function beat(): Promise<void> {
    try {
      await kv.put(id, new Date().toISOString());
    } catch (error) {
      log.warn("Cannot say that this runtime lives", { error });
    }
  }
  await kv.put(id, new Date().toISOString());
  const timer = setInterval(() => void beat(), PERIOD_MS);
  return {
    async live() {
      const ids = new Set([id]);
      for await (const key of await kv.keys()) ids.add(key);
      return ids;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await kv.purge(id).catch(() => {});
    },
  };
}
