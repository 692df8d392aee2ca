/** Seals anew what an older key has sealed; who writes meanwhile wins. */
import type { KV } from "@nats-io/kv";
import type { ObjectStore } from "@nats-io/obj";
import type { RotatingSealer } from "../contracts/sealer.ts";

export interface Resealed {
  /** Sealed by the newest key now. */
  resealed: number;
  /** Left as they are, since no key here opens them. */
  unreadable: number;
}

/** The objects of a bucket that `sealedObjects` writes. */
export async function resealObjects(
  store: ObjectStore,
  bucket: string,
  sealer: RotatingSealer,
): Promise<Resealed> {
  const done = { resealed: 0, unreadable: 0 };
  for (const { name, deleted } of await store.list()) {
    const sealed = deleted ? null : await store.getBlob(name);
    if (!sealed || sealer.isNewest(sealed)) continue;
    const place = `${bucket}/${name}`;
    try {
      const plain = await sealer.open(sealed, place);
      await store.putBlob({ name }, await sealer.seal(plain, place));
      done.resealed++;
    } catch {
      done.unreadable++;
    }
  }
  return done;
}

/** The values of a bucket, each sealed to its bucket and its key. */
export async function resealValues(
  kv: KV,
  bucket: string,
  sealer: RotatingSealer,
): Promise<Resealed> {
  const done = { resealed: 0, unreadable: 0 };
  for await (const key of await kv.keys()) {
    const entry = await kv.get(key);
    if (!entry || entry.value.length === 0) continue;
    if (sealer.isNewest(entry.value)) continue;
    const place = `${bucket}/${key}`;
    try {
      const plain = await sealer.open(entry.value, place);
      await kv.update(key, await sealer.seal(plain, place), entry.revision);
      done.resealed++;
    } catch {
      done.unreadable++;
    }
  }
  return done;
}
