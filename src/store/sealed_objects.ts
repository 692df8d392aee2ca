/** An object store whose bytes are sealed: each to its bucket and its name. */
import type { ObjectStore } from "../contracts/port.ts";
import type { Sealer } from "../contracts/sealer.ts";

export function sealedObjects(
  store: ObjectStore,
  bucket: string,
  sealer: Sealer,
): ObjectStore {
  const place = (name: string) => `${bucket}/${name}`;
  return {
    async put(name, bytes) {
      await store.put(name, await sealer.seal(bytes, place(name)));
    },
    async get(name) {
      return await sealer.open(await store.get(name), place(name));
    },
    remove: (name) => store.remove(name),
  };
}
