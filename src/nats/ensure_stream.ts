/** Makes a stream, or changes it to what it should be; writes nothing when it is. */
import {
  JetStreamApiCodes,
  type JetStreamManager,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { PermissionViolationError } from "@nats-io/nats-core";
import { isCode } from "./api_error.ts";

type Wanted = Partial<StreamConfig> & { name: string };

export async function ensureStream(
  jsm: JetStreamManager,
  wanted: Wanted,
): Promise<void> {
  const there = await find(jsm, wanted.name);
  if (!there) {
    await jsm.streams.add({ storage: StorageType.File, ...wanted });
  } else if (!isSame(there, wanted)) {
    try {
      await jsm.streams.update(wanted.name, wanted);
    } catch (error) {
      // A gateway changes it; until then it is used as it is.
      if (!isRefused(error)) throw error;
    }
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error &&
    error.cause instanceof PermissionViolationError;
}

async function find(
  jsm: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  try {
    return (await jsm.streams.info(name)).config;
  } catch (error) {
    if (isCode(error, JetStreamApiCodes.StreamNotFound)) return undefined;
    throw error;
  }
}

function isSame(there: StreamConfig, wanted: Wanted): boolean {
  const known = new Map<string, unknown>(Object.entries(there));
  return Object.entries(wanted).every(([name, value]) =>
    JSON.stringify(known.get(name)) === JSON.stringify(value)
  );
}
