/** Where answers arrive: below the prefix that the connection's user may hear. */
import { createInbox, type NatsConnection } from "@nats-io/nats-core";

/** The client keeps the prefix to itself. */
const prefixes = new WeakMap<NatsConnection, string>();

export function setInboxPrefix(nc: NatsConnection, prefix: string): void {
  prefixes.set(nc, prefix);
}

/** A subject that nobody else knows. */
export function newInbox(nc: NatsConnection): string {
  return createInbox(prefixes.get(nc));
}
