/** Makes what the gateways alone keep: keys, secrets, used signatures; again is harmless. */
import { DiscardPolicy, type JetStreamClient } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/nats-core";
import { SIGNATURE_WINDOW_MS } from "../contracts/signature.ts";
import { ensureStream } from "./ensure_stream.ts";
import { BUCKET, STREAM, subject } from "./subject.ts";

/** Used signatures that are remembered at once; further ones are refused. */
const MAX_SIGNATURES = 1_000_000;

export interface AccessParts {
  keys: KV;
  secrets: KV;
}

export async function bootstrapAccess(
  js: JetStreamClient,
): Promise<AccessParts> {
  await ensureStream(await js.jetstreamManager(), {
    name: STREAM.signature,
    subjects: [subject.anySignature],
    // A timestamp of the future counts until its window is over.
    max_age: nanos(2 * SIGNATURE_WINDOW_MS),
    max_msgs: MAX_SIGNATURES,
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.New,
  });
  const kvm = new Kvm(js);
  return {
    keys: await kvm.create(BUCKET.keys, { history: 1 }),
    secrets: await kvm.create(BUCKET.secrets, { history: 1 }),
  };
}
