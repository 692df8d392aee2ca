/**
 * Follows a bucket: what is stored, then every change, into a view in memory.
 *
 * When all that was stored has been read is told by a value of our own, written
 * once the watch is there: it comes after everything that was there before. The
 * server's own count of what is still to come is wrong where a value is
 * overwritten meanwhile, as at a start of several programs at once: whoever
 * waited for it to be nought waited for ever.
 */
import type { KV, KvWatchEntry } from "@nats-io/kv";
import { SENTINEL_KEY } from "../nats/subject.ts";

/** What memory holds of a bucket. */
export interface View {
  onPut(entry: KvWatchEntry): void;
  /** Its value is gone: deleted or purged. */
  onRemoved(entry: KvWatchEntry): void;
}

/** Ends when it is disposed of: the view learns no more. */
export interface BucketWatch extends AsyncDisposable {
  /** Resolves once all that was stored has been read, or no more will be. */
  readonly ready: Promise<void>;
}

/** Resolves before anything was read, however much is stored. */
export async function watchBucket(kv: KV, view: View): Promise<BucketWatch> {
  const watch = await kv.watch();
  const mark = await kv.put(SENTINEL_KEY, "");
  const ready = Promise.withResolvers<void>();

  async function follow(): Promise<void> {
    try {
      for await (const entry of watch) {
        if (entry.key !== SENTINEL_KEY) take(view, entry);
        if (entry.revision >= mark) ready.resolve();
      }
    } finally {
      ready.resolve();
    }
  }

  const ended = follow();
  return {
    ready: ready.promise,
    async [Symbol.asyncDispose]() {
      watch.stop();
      await ended;
    },
  };
}

function take(view: View, entry: KvWatchEntry): void {
  if (entry.operation === "PUT") view.onPut(entry);
  else view.onRemoved(entry);
}
