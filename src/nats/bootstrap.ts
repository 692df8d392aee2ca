/** Makes the streams and buckets that the system lives on; again is harmless. */
import {
  AckPolicy,
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  RetentionPolicy,
  type StreamConfig,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { nanos, type NatsConnection } from "@nats-io/nats-core";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { claimsBucket } from "./claims_bucket.ts";
import { ensureStream } from "./ensure_stream.ts";
import { BUCKET, DEPLOY_CONSUMER, STREAM, subject } from "./subject.ts";

const MB = 1024 * 1024;
const DAY_MS = 24 * 3_600_000;

/** How long a silent runtime counts as alive, in milliseconds. */
export const RUNTIME_TTL_MS = 15_000;

/** A deploy whose runtime has been silent this long goes to another one. */
export const DEPLOY_ACK_WAIT_MS = 5_000;

export interface JetStreamParts {
  js: JetStreamClient;
  functions: KV;
  runtimes: KV;
  archives: ObjectStore;
  claims: ObjectStore;
  artefacts: ObjectStore;
  triggers: KV;
  cron: KV;
  deliveries: KV;
}

export async function bootstrap(nc: NatsConnection): Promise<JetStreamParts> {
  const jsm = await jetstreamManager(nc);
  const streams: (Partial<StreamConfig> & { name: string })[] = [
    {
      name: STREAM.deploy,
      subjects: [subject.anyDeploy],
      retention: RetentionPolicy.Workqueue,
    },
    {
      name: STREAM.log,
      subjects: [subject.anyLog],
      max_age: nanos(DAY_MS),
      max_bytes: 256 * MB,
    },
    {
      name: STREAM.event,
      subjects: [subject.anyEvent],
      max_age: nanos(DAY_MS),
      max_bytes: 64 * MB,
    },
  ];
  for (const config of streams) await ensureStream(jsm, config);
  await jsm.consumers.add(STREAM.deploy, {
    durable_name: DEPLOY_CONSUMER,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(DEPLOY_ACK_WAIT_MS),
    max_deliver: -1,
  });
  const js = jetstream(nc);
  const kvm = new Kvm(js);
  const objm = new Objm(js);
  const functions = await kvm.create(BUCKET.functions, { history: 1 });
  const triggers = await kvm.create(BUCKET.triggers, { history: 1 });
  return {
    js,
    functions,
    triggers,
    cron: await kvm.create(BUCKET.cron, { history: 1 }),
    deliveries: await kvm.create(BUCKET.deliveries, { ttl: DAY_MS }),
    runtimes: await kvm.create(BUCKET.runtimes, { ttl: RUNTIME_TTL_MS }),
    archives: await objm.create(BUCKET.archives),
    artefacts: await objm.create(BUCKET.artefacts),
    claims: await claimsBucket(objm),
  };
}
