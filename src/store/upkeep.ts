/** What the stores hold besides what is in use: objects by name, markers of what was removed. */
import type { JetStreamClient } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { ObjectStore as NatsObjectStore } from "@nats-io/obj";
import type { StoredObject, StoreUpkeep } from "../contracts/port.ts";
import { BUCKET, underlying } from "../nats/subject.ts";

/** A watcher that was away for as long still learns of a removal. */
const MARKER_MS = 60 * 60_000;

export interface UpkeepOptions {
  js: JetStreamClient;
  functions: KV;
  archives: NatsObjectStore;
  artefacts: NatsObjectStore;
  /** How old a marker has to be, in milliseconds. */
  markerMs?: number;
}

export function storeUpkeep(
  { js, functions, archives, artefacts, markerMs = MARKER_MS }: UpkeepOptions,
): StoreUpkeep {
  return {
    objects: async () => ({
      archives: await objectsOf(archives),
      artefacts: await objectsOf(artefacts),
    }),
    removeMarkers: () => removeMarkers(js, functions, Date.now() - markerMs),
  };
}

/** Up to the marker and no further: the key may be in use again. */
async function removeMarkers(
  js: JetStreamClient,
  kv: KV,
  before: number,
): Promise<void> {
  const jsm = await js.jetstreamManager();
  const markers = [];
  for await (const entry of await kv.history()) {
    const { operation, created } = entry;
    if (operation !== "PUT" && created.getTime() < before) markers.push(entry);
  }
  for (const { key, revision } of markers) {
    await jsm.streams.purge(underlying.stream(BUCKET.functions), {
      filter: underlying.subject(BUCKET.functions, key),
      seq: revision + 1,
    });
  }
}

async function objectsOf(store: NatsObjectStore): Promise<StoredObject[]> {
  return (await store.list()).map(({ name, size, mtime }) => ({
    name,
    bytes: size,
    modifiedAt: Date.parse(mtime),
  }));
}
