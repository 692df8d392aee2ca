/** Bytes by name, in a JetStream object store (ADR-20). */
import { createHash } from "node:crypto";
import type { JetStreamClient } from "@nats-io/jetstream";
import type { ObjectInfo, ObjectStore as NatsObjectStore } from "@nats-io/obj";
import { AppError } from "../contracts/error.ts";
import type { ObjectStore } from "../contracts/port.ts";
import { isCode } from "../nats/api_error.ts";

/** The server's words for "no memory or disk left", and "the bucket is full". */
const FULL = [10_023, 10_047, 10_077];

export function objectStore(
  store: NatsObjectStore,
  js: JetStreamClient,
): ObjectStore {
  return {
    async put(name, bytes) {
      try {
        await store.putBlob({ name }, bytes);
      } catch (error) {
        throw isFull(error) ? noRoom(name, error) : error;
      }
    },
    async get(name, maxBytes = Infinity) {
      let info = await infoOf(store, name);
      for (;;) {
        if (info.size > maxBytes) throw tooLarge(name, maxBytes);
        const bytes = await readChunks(js, info);
        if (bytes) return bytes;
        // Who puts it again removes what was there, also from under a reader.
        const now = await infoOf(store, name);
        if (now.nuid === info.nuid) throw damaged(info.bucket);
        info = now;
      }
    },
    async remove(name) {
      if (await store.info(name)) await store.delete(name);
    },
  };
}

/** @throws {AppError} `not_found` */
async function infoOf(
  store: NatsObjectStore,
  name: string,
): Promise<ObjectInfo> {
  const info = await store.info(name);
  if (info && !info.deleted) return info;
  throw new AppError("not_found", `Cannot find the object "${name}"`, {
    hint: "It was fetched or dropped before; store it again",
  });
}

/**
 * Message by message. The client's own `getBlob` makes a consumer for each call
 * and leaves it to the server, which keeps it for minutes and finds it again at
 * every restart: a thousand of them take two seconds there.
 *
 * @returns undefined when the bytes are not, or no longer, those that were put
 */
async function readChunks(
  js: JetStreamClient,
  { bucket, nuid, chunks, size, digest }: ObjectInfo,
): Promise<Uint8Array | undefined> {
  const { direct } = await js.jetstreamManager(false);
  const bytes = new Uint8Array(size);
  let length = 0;
  let seq = 0;
  for (let left = chunks; left > 0; left--) {
    const chunk = await direct.getMessage(`OBJ_${bucket}`, {
      seq: seq + 1,
      next_by_subj: `$O.${bucket}.C.${nuid}`,
    });
    if (!chunk || length + chunk.data.length > size) break;
    bytes.set(chunk.data, length);
    length += chunk.data.length;
    seq = chunk.seq;
  }
  const found = createHash("sha256").update(bytes).digest("base64url");
  const isWhole = length === size && digest === `SHA-256=${padded(found)}`;
  return isWhole ? bytes : undefined;
}

/** The client pads its base64url (RFC 4648 §5). */
function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

function isFull(error: unknown): boolean {
  return isCode(error, ...FULL);
}

function damaged(bucket: string): AppError {
  return new AppError(
    "internal",
    `Cannot read an object of ${bucket}: damaged`,
  );
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
