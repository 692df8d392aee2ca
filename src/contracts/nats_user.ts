/** A user of NATS: its password, and what it may publish and hear. */

export interface Subjects {
  allow: string[];
  /** Takes precedence over what is allowed. */
  deny?: string[];
}

export interface NatsUser {
  name: string;
  password: string;
  publish: Subjects;
  subscribe: Subjects;
}

/** Who connects to NATS, beside the operator. */
export const NATS_ROLES = ["gateway", "runtime", "service"] as const;
export type NatsRole = typeof NATS_ROLES[number];

/** Where the answers to each one arrive; each hears its own alone. */
export const INBOX: Record<NatsRole, string> = {
  gateway: "_INBOX_gateway",
  runtime: "_INBOX_runtime",
  service: "_INBOX_service",
};
