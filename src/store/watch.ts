/**
 * A bucket's watch, and by which revision all that was stored has been read.
 *
 * The server's own count of what is still to come is wrong where a value is
 * overwritten meanwhile, as at a start of several programs at once: whoever
 * waited for it to be nought waited for ever. A value of our own, written once
 * the watch is there, comes after everything that was there before.
 */
import type { KV } from "@nats-io/kv";
import { SENTINEL_KEY } from "../nats/subject.ts";

export interface WholeWatch {
  watch: Awaited<ReturnType<KV["watch"]>>;
  /** An entry of this revision or a later one ends what was stored before. */
  mark: number;
}

export async function watchWhole(kv: KV): Promise<WholeWatch> {
  const watch = await kv.watch();
  return { watch, mark: await kv.put(SENTINEL_KEY, "") };
}
