/** Makes what asynchronous invocations live on; again is harmless. */
import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { nanos, type NatsConnection } from "@nats-io/nats-core";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { type StreamPublish, streamPublish } from "./stream_publish.ts";
import { ensureStream } from "./ensure_stream.ts";
import { BUCKET, STREAM, subject, underlying } from "./subject.ts";

/** The stream's size, of what callers may fill. */
const HEADROOM = 2;
const DAY_MS = 24 * 3_600_000;
const MB = 1024 ** 2;

/** Longer than any invocation can wait and be kept. */
const PAYLOAD_TTL_MS = 75 * DAY_MS;
/** Longer than any interval of a rate. */
const FLOW_TTL_MS = 2 * DAY_MS;

export interface AsyncParts {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  publish: StreamPublish;
  invocations: KV;
  flow: KV;
  payloads: ObjectStore;
  /** Invocations that callers may have wait at once. */
  maxQueued: number;
}

export interface AsyncLimits {
  /** How long an invocation's record is kept once it does not change. */
  recordMs: number;
  /** How long a dead letter is kept. */
  deadMs: number;
  /** Invocations that may wait at once. */
  maxQueued: number;
}

export async function bootstrapAsync(
  nc: NatsConnection,
  js: JetStreamClient,
  { recordMs, deadMs, maxQueued }: AsyncLimits,
): Promise<AsyncParts> {
  const jsm = await js.jetstreamManager();
  const one: Partial<StreamConfig> = {
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    allow_direct: true,
  };
  await ensureStream(jsm, {
    ...one,
    name: STREAM.async,
    subjects: [subject.anyAsync],
    // What is full refuses the new, and an id that waits is not taken twice.
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    // What follows from other work finds room where callers do not.
    max_msgs: HEADROOM * maxQueued,
    max_bytes: 512 * MB,
  });
  await ensureStream(jsm, {
    ...one,
    name: STREAM.dead,
    subjects: [subject.anyDead],
    max_age: nanos(deadMs),
    max_bytes: 256 * MB,
  });
  const kvm = new Kvm(js);
  const invocations = await kvm.create(BUCKET.invocations, { ttl: recordMs });
  await ensureStream(jsm, {
    name: underlying.stream(BUCKET.invocations),
    max_age: nanos(recordMs),
  });
  return {
    nc,
    js,
    jsm,
    maxQueued,
    publish: streamPublish(nc),
    invocations,
    flow: await kvm.create(BUCKET.flow, { ttl: FLOW_TTL_MS }),
    payloads: await new Objm(js).create(BUCKET.payloads, {
      ttl: nanos(PAYLOAD_TTL_MS),
    }),
  };
}
