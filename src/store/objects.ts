/** Bytes by name, in a JetStream object store. */
import { JetStreamApiError } from "@nats-io/jetstream";
import type { ObjectStore as NatsObjectStore } from "@nats-io/obj";
import { AppError } from "../contracts/error.ts";
import type { ObjectStore } from "../contracts/port.ts";

/** The server's words for "no memory or disk left", and "the bucket is full". */
const FULL = [10_023, 10_047, 10_077];

export function objectStore(store: NatsObjectStore): ObjectStore {
  return {
    async put(name, bytes) {
      try {
        await store.putBlob({ name }, bytes);
      } catch (error) {
        throw isFull(error) ? noRoom(name, error) : error;
      }
    },
    async get(name, maxBytes = Infinity) {
      const size = maxBytes < Infinity ? (await store.info(name))?.size : 0;
      if ((size ?? 0) > maxBytes) throw tooLarge(name, maxBytes);
      const bytes = await store.getBlob(name);
      if (!bytes) {
        throw new AppError("not_found", `Cannot find the object "${name}"`, {
          hint: "It was fetched or dropped before; store it again",
        });
      }
      return bytes;
    },
    async remove(name) {
      if (await store.info(name)) await store.delete(name);
    },
  };
}

function isFull(error: unknown): boolean {
  return error instanceof JetStreamApiError && FULL.includes(error.code);
}

function tooLarge(name: string, maxBytes: number): AppError {
  return new AppError(
    "too_large",
    `Cannot take the object "${name}": it has more than ${maxBytes} bytes`,
    { hint: `At most ${maxBytes} bytes are allowed` },
  );
}

function noRoom(name: string, cause: unknown): AppError {
  return new AppError("busy", `Cannot store "${name}": there is no room`, {
    hint: "Try again later, or give the NATS server more room",
    retryAfter: 1,
    cause,
  });
}
