/** Functions and versions as the bucket holds them, whatever a view has heard. */
import type { KV } from "@nats-io/kv";
import { z } from "zod";
import {
  FunctionRecord,
  FunctionRef,
  isFunctionId,
  VersionRecord,
} from "../contracts/function.ts";
import type { StoredVersion } from "../contracts/port.ts";
import { key } from "../nats/subject.ts";
import { read } from "./bucket.ts";

const NameEntry = z.object({ id: z.string() });

export async function readId(
  kv: KV,
  name: string,
): Promise<string | undefined> {
  return (await read(kv, NameEntry, key.name(name)))?.value.id;
}

/** @param ref Name or id; any text of a caller's. */
export async function readFunction(
  kv: KV,
  ref: string,
): Promise<FunctionRecord | undefined> {
  // Not any text makes a key.
  if (!FunctionRef.safeParse(ref).success) return undefined;
  const id = isFunctionId(ref) ? ref : await readId(kv, ref);
  if (id === undefined) return undefined;
  return (await read(kv, FunctionRecord, key.function(id)))?.value;
}

export async function readVersion(
  kv: KV,
  id: string,
  version: number,
): Promise<VersionRecord | undefined> {
  return (await read(kv, VersionRecord, key.version(id, version)))?.value;
}

/** @param wanted A version in place of the current one. */
export async function readStored(
  kv: KV,
  ref: string,
  wanted: number | undefined,
): Promise<StoredVersion> {
  const record = await readFunction(kv, ref);
  if (!record) return {};
  const number = wanted ?? record.current;
  const version = number === null
    ? undefined
    : await readVersion(kv, record.id, number);
  return { record, ...(version && { version }) };
}
