/** Bytes by name, in a JetStream object store. */
import type { ObjectStore as NatsObjectStore } from "@nats-io/obj";
import { AppError } from "../contracts/error.ts";
import type { ObjectStore } from "../contracts/port.ts";

export function objectStore(store: NatsObjectStore): ObjectStore {
  return {
    async put(name, bytes) {
      await store.putBlob({ name }, bytes);
    },
    async get(name) {
      const bytes = await store.getBlob(name);
      if (!bytes) {
        throw new AppError("not_found", `Cannot find the object "${name}"`);
      }
      return bytes;
    },
    async remove(name) {
      if (await store.info(name)) await store.delete(name);
    },
  };
}
