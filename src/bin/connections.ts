/** A program's two connections to NATS. */
import type { NatsConnection } from "@nats-io/nats-core";
import { INBOX, type NatsRole } from "../contracts/nats_user.ts";
import { connectNats } from "../nats/connect.ts";

/** Disposing of them drains both: what was published is sent first. */
export interface Connections extends AsyncDisposable {
  /** For all that is stored, and everything else. */
  nc: NatsConnection;
  /** For calls alone: a store that cannot write holds up its whole connection. */
  calls: NatsConnection;
}

/** @throws {AppError} `invalid` for such a URL, `unavailable` without a server */
export async function openConnections(
  url: string,
  role: NatsRole,
): Promise<Connections> {
  const nc = await connectNats(url, `oche-${role}`, INBOX[role]);
  const calls = await connectNats(url, `oche-${role}-calls`, INBOX[role]);
  return {
    nc,
    calls,
    async [Symbol.asyncDispose]() {
      await calls.drain();
      await nc.drain();
    },
  };
}
