/** Makes what the gateways alone keep: keys, secrets, marks of what was seen; again is harmless. */
import { DiscardPolicy, type JetStreamClient } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/nats-core";
import { SIGNATURE_WINDOW_MS } from "../contracts/signature.ts";
import { ensureStream } from "./ensure_stream.ts";
import { BUCKET, STREAM, subject } from "./subject.ts";

/** Used signatures that are remembered at once; further ones are refused. */
const MAX_SIGNATURES = 1_000_000;

/**
 * Attempts at messages of streams that are remembered, and for how long: longer
 * than any pause between two attempts.
 */
const MAX_ATTEMPTS = 50_000;
const ATTEMPT_MS = 24 * 3_600_000;

export interface AccessParts {
  keys: KV;
  secrets: KV;
}

export async function bootstrapAccess(
  js: JetStreamClient,
): Promise<AccessParts> {
  const jsm = await js.jetstreamManager();
  await ensureStream(jsm, {
    name: STREAM.signature,
    subjects: [subject.anySignature],
    // A timestamp of the future counts until its window is over.
    max_age: nanos(2 * SIGNATURE_WINDOW_MS),
    max_msgs: MAX_SIGNATURES,
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.New,
  });
  await ensureStream(jsm, {
    name: STREAM.attempt,
    subjects: [subject.anyAttempt],
    max_age: nanos(ATTEMPT_MS),
    max_msgs: MAX_ATTEMPTS,
    max_msgs_per_subject: 1,
  });
  const kvm = new Kvm(js);
  return {
    keys: await kvm.create(BUCKET.keys, { history: 1 }),
    secrets: await kvm.create(BUCKET.secrets, { history: 1 }),
  };
}
