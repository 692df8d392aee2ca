/** The bucket of claims: in memory, so that nothing of a request reaches a disk. */
import { StorageType } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { ObjectStore, Objm } from "@nats-io/obj";
import { BUCKET } from "./subject.ts";

/** A claim that nobody fetched is dropped after this, in milliseconds. */
const TTL_MS = 300_000;
/** Of all claims that wait, in bytes; further ones are refused. */
const MAX_BYTES = 256 * 1024 * 1024;

export async function claimsBucket(objm: Objm): Promise<ObjectStore> {
  const make = () =>
    objm.create(BUCKET.claims, {
      ttl: nanos(TTL_MS),
      storage: StorageType.Memory,
      max_bytes: MAX_BYTES,
    });
  const bucket = await make();
  const { storage } = await bucket.status();
  if (storage === StorageType.Memory) return bucket;
  // Of an older Oche, on a disk; nobody waits for what is in it.
  await bucket.destroy();
  return await make();
}
