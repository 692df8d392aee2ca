/** Which runtimes live: each says so now and then, and is forgotten when silent. */
import type { JetStreamClient } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { Logger } from "../log.ts";
import { BUCKET, underlying } from "./subject.ts";

const PERIOD_MS = 5_000;

export interface Heartbeat extends AsyncDisposable {
  /** Ids of the runtimes that said so lately, this one among them. */
  live(): Promise<Set<string>>;
}

export async function startHeartbeat(
  { kv, js }: { kv: KV; js: JetStreamClient },
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
  const { streams } = await js.jetstreamManager(false);
  const stream = underlying.stream(BUCKET.runtimes);
  const timer = setInterval(() => void beat(), PERIOD_MS);
  return {
    async live() {
      const ids = new Set([id]);
      // Asked of the stream: to ask for the keys would leave a consumer behind.
      const { state } = await streams.info(stream, {
        subjects_filter: ">",
      });
      for (const subject of Object.keys(state.subjects ?? {})) {
        const key = subject.slice(subject.lastIndexOf(".") + 1);
        if ((await kv.get(key))?.operation === "PUT") ids.add(key);
      }
      return ids;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await kv.purge(id).catch(() => {});
    },
  };
}
