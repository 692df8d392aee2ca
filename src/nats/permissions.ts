/** What each user of NATS may publish and hear: one table, by pattern. */
import { INBOX, type NatsRole, type Subjects } from "../contracts/nats_user.ts";
import { BUCKET, STREAM, subject, underlying } from "./subject.ts";

/** The clients' default; nobody else hears it. */
const OPERATOR_INBOX = "_INBOX";

/** Object stores; the other buckets hold keys and values. */
const OBJECTS: readonly string[] = [
  BUCKET.archives,
  BUCKET.artefacts,
  BUCKET.claims,
  BUCKET.payloads,
];

/** What the gateway alone keeps. A stream or bucket that is new is for both. */
const OF_GATEWAY: readonly string[] = [
  BUCKET.keys,
  BUCKET.secrets,
  STREAM.signature,
  STREAM.attempt,
];
/** What the runtime alone writes. */
const OF_RUNTIME: readonly string[] = [BUCKET.artefacts, BUCKET.runtimes];

/** Heard by runtimes alone, and asked by everybody but them. */
const ASKED_OF_RUNTIME: readonly string[] = [
  subject.anyInvoke,
  subject.validate,
  subject.calls,
];

export interface Permissions {
  publish: Subjects;
  subscribe: Subjects;
}

/** All but the server's own. */
export const OPERATOR: Permissions = {
  publish: { allow: [">"], deny: ["$SYS.>"] },
  subscribe: { allow: [">"], deny: ["$SYS.>"] },
};

/**
 * @param serviceSubjects What services may publish and hear beside invoking:
 * subjects of their own, such as those that triggers listen on.
 */
export function permissionsOf(
  role: NatsRole,
  serviceSubjects: readonly string[] = [],
): Permissions {
  return {
    gateway: gateway(),
    runtime: runtime(),
    service: service(serviceSubjects),
  }[role];
}

/**
 * Gateway and runtime serve triggers, which hear and publish subjects that are
 * nobody's here. So each may all but what is named.
 */
function gateway(): Permissions {
  return {
    publish: {
      allow: [">"],
      deny: [
        "$SYS.>",
        subject.anyLog,
        subject.anyBuild,
        ...OF_RUNTIME.flatMap(contents),
        anyBelow(INBOX.runtime),
        // The claims' bucket of an older Oche is made anew.
        ...streams(() => true)
          .filter((stream) => stream !== streamOf(BUCKET.claims))
          .map((stream) => `$JS.API.STREAM.DELETE.${stream}`),
      ],
    },
    subscribe: {
      allow: [">"],
      deny: [
        "$SYS.>",
        // To hear those would be to pose as a runtime.
        ...ASKED_OF_RUNTIME,
        subject.anyDeploy,
        ...inboxesBut("gateway"),
      ],
    },
  };
}

function runtime(): Permissions {
  return {
    publish: {
      allow: [">"],
      deny: [
        "$SYS.>",
        ...ASKED_OF_RUNTIME,
        subject.anyDeploy,
        subject.anySignature,
        subject.anyAttempt,
        anyBelow(INBOX.runtime),
        ...OF_GATEWAY.filter((name) => !isStream(name)).flatMap(contents),
        // Who makes a stream can copy another into it.
        ...["CREATE", "UPDATE", "DELETE", "SNAPSHOT", "RESTORE"]
          .map((verb) => `$JS.API.STREAM.${verb}.>`),
        ...streams((name) => OF_GATEWAY.includes(name)).flatMap(anyUseOf),
      ],
    },
    subscribe: {
      allow: [
        ...ASKED_OF_RUNTIME,
        subject.cancel,
        "$SRV.>",
        anyBelow(INBOX.runtime),
      ],
    },
  };
}

function service(subjects: readonly string[]): Permissions {
  return {
    publish: { allow: [subject.anyInvoke, ...subjects] },
    subscribe: { allow: [anyBelow(INBOX.service), ...subjects] },
  };
}

function inboxesBut(role: NatsRole): string[] {
  const inboxes = Object.entries(INBOX)
    .filter(([name]) => name !== role)
    .map(([, inbox]) => inbox);
  return [OPERATOR_INBOX, ...inboxes].map(anyBelow);
}

function anyBelow(inbox: string): string {
  return `${inbox}.>`;
}

/** What is in a bucket, as subjects. */
function contents(bucket: string): string[] {
  return OBJECTS.includes(bucket)
    ? [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`]
    : [underlying.subject(bucket, ">")];
}

function streamOf(bucket: string): string {
  return OBJECTS.includes(bucket) ? `OBJ_${bucket}` : underlying.stream(bucket);
}

/** The streams that both gateway and runtime use. */
export function sharedStreams(): string[] {
  return streams((name) => !OF_GATEWAY.includes(name));
}

/** Names of streams, of those and of those buckets that are chosen. */
function streams(chosen: (name: string) => boolean): string[] {
  return [
    ...Object.values(STREAM).filter(chosen),
    ...Object.values(BUCKET).filter(chosen).map(streamOf),
  ];
}

function isStream(name: string): boolean {
  return Object.values<string>(STREAM).includes(name);
}

/** Everything of the JetStream API that names a stream. */
function anyUseOf(stream: string): string[] {
  return [
    `$JS.API.STREAM.*.${stream}`,
    `$JS.API.STREAM.MSG.*.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$JS.API.CONSUMER.*.${stream}`,
    `$JS.API.CONSUMER.*.${stream}.>`,
    `$JS.API.CONSUMER.*.*.${stream}.>`,
    `$JS.ACK.${stream}.>`,
  ];
}
