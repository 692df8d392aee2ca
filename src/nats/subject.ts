/** Every subject, stream, bucket and header name; the only place one is spelled. */

export const QUEUE_GROUP = "runtime";

export const subject = {
  deploy: (id: string) => `functions.deploy.${id}`,
  anyDeploy: "functions.deploy.*",
  build: (id: string, version: number) => `functions.build.${id}.${version}`,
  anyBuild: "functions.build.*.*",
  validate: "functions.validate",
  invoke: (ref: string) => `functions.invoke.${ref}`,
  anyInvoke: "functions.invoke.*",
  /** Which calls a runtime holds; all of them are asked. */
  calls: "functions.calls",
  log: (id: string, version: number) => `functions.log.${id}.${version}`,
  logsOf: (id: string) => `functions.log.${id}.*`,
  anyLog: "functions.log.*.*",
  event: (type: string) => `functions.event.${type}`,
  anyEvent: "functions.event.>",
  /** That a signature was used. */
  signature: (id: string) => `functions.signature.${id}`,
  anySignature: "functions.signature.*",
  /** That a message of a stream is attempted, by a durable consumer. */
  attempt: (consumer: string, seq: number) =>
    `functions.attempt.${consumer}.${seq}`,
  anyAttempt: "functions.attempt.*.*",
  async: (id: string, invocation: string) =>
    `functions.async.${id}.${invocation}`,
  anyAsync: "functions.async.*.*",
  /** Ends an invocation that runs, wherever it does. */
  cancel: "functions.cancel",
  dead: (id: string, invocation: string) =>
    `functions.dead.${id}.${invocation}`,
  anyDead: "functions.dead.*.*",
} as const;

/** What the system itself speaks on: no trigger listens or publishes there. */
export const SYSTEM_SUBJECTS = [
  "functions.>",
  "$JS.>",
  "$KV.>",
  "$O.>",
  "$SRV.>",
  "$SYS.>",
  "_INBOX.>",
  "_INBOX_gateway.>",
  "_INBOX_runtime.>",
  "_INBOX_service.>",
] as const;

/** Whether an answer there would be taken for a message of the system's own. */
export function isSystemReply(reply: string): boolean {
  return /^(?:functions\.|\$)/.test(reply);
}

export const STREAM = {
  deploy: "OCHE_DEPLOY",
  log: "OCHE_LOG",
  event: "OCHE_EVENT",
  signature: "OCHE_SIGNATURE",
  attempt: "OCHE_ATTEMPT",
  async: "OCHE_ASYNC",
  dead: "OCHE_DEAD",
} as const;

/** The durable consumer that all runtimes share. */
export const DEPLOY_CONSUMER = "runtime";

/** Of queue groups and durable consumers of subject triggers: how they begin. */
export const TRIGGER_CONSUMER = "oche-trigger";

export const BUCKET = {
  functions: "oche_functions",
  /** Sealed before they are put in. */
  secrets: "oche_secrets",
  /** API keys, as digests. */
  keys: "oche_keys",
  runtimes: "oche_runtimes",
  archives: "oche_archives",
  claims: "oche_claims",
  /** Compiled functions, by content. */
  artefacts: "oche_artefacts",
  triggers: "oche_triggers",
  /** Records of asynchronous invocations. */
  invocations: "oche_invocations",
  /** Who holds a concurrency key, and what has started lately. */
  flow: "oche_flow",
  /** Requests and answers of asynchronous invocations that fit no message. */
  payloads: "oche_payloads",
  /** What is remembered of cron triggers. */
  cron: "oche_cron",
  /** Deliveries of webhooks in mode sync that have run. */
  deliveries: "oche_deliveries",
} as const;

/** Written by whoever follows a bucket: what comes after it is new. */
export const SENTINEL_KEY = "ready";

export const key = {
  function: (id: string) => `fn.${id}`,
  name: (name: string) => `name.${name}`,
  apiKey: (id: string) => `key.${id}`,
  version: (id: string, version: number) => `ver.${id}.${version}`,
  trigger: (name: string) => `trigger.${name}`,
  invocation: (id: string, invocation: string) => `${id}.${invocation}`,
  place: (id: string, token: string) => `place.${id}.${token}`,
  turns: (id: string) => `turns.${id}`,
  cron: (id: string) => `cron.${id}`,
} as const;

/** What lies under a bucket: a stream, with a subject for each key. */
export const underlying = {
  stream: (bucket: string) => `KV_${bucket}`,
  subject: (bucket: string, key: string) => `$KV.${bucket}.${key}`,
} as const;

export const HEADER = {
  deadline: "Oche-Deadline",
  /** Id of a call, for who waits for its answer. */
  call: "Oche-Call",
  version: "Oche-Version",
  idempotencyKey: "Idempotency-Key",
  traceparent: "traceparent",
  /** Invocations that led to this message, one by another. */
  hops: "Oche-Hops",
  contentType: "content-type",
  /** Of an answer that is its body alone. */
  status: "Oche-Status",
  /** JetStream's own: what it knows a message by. */
  messageId: "Nats-Msg-Id",
  /** Its own too: the number that the subject's last message must have. */
  expectedLast: "Nats-Expected-Last-Subject-Sequence",
  include: "Oche-Include",
  /** Names the object that holds the payload. */
  claim: "Oche-Claim",
  invocationId: "Oche-Invocation-Id",
  durationMs: "Oche-Duration-Ms",
  waitMs: "Oche-Wait-Ms",
  /** Left out where there was none. */
  startMs: "Oche-Start-Ms",
  start: "Oche-Start",
  /** Of the queue of asynchronous invocations. */
  notBefore: "Oche-Not-Before",
  priority: "Oche-Priority",
  concurrencyKey: "Oche-Key",
  debounceMs: "Oche-Debounce-Ms",
  /** NATS ADR-32. */
  serviceError: "Nats-Service-Error",
  serviceErrorCode: "Nats-Service-Error-Code",
} as const;

/** Whether a stream, or the stream under a bucket, is of this system. */
export function isSystemStream(name: string): boolean {
  return /^(?:OCHE_|(?:KV|OBJ)_oche_)/.test(name);
}
