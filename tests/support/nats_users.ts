/** A real NATS server with every user of the table, and connections as each of them. */
import type { NatsConnection } from "@nats-io/nats-core";
import { connectNats } from "../../src/nats/connect.ts";
import {
  INBOX,
  NATS_ROLES,
  type NatsRole,
} from "../../src/contracts/nats_user.ts";
import { permissionsOf } from "../../src/nats/permissions.ts";
import { startTestNats, type TestNats } from "./nats_server.ts";

export interface NatsUsers extends AsyncDisposable {
  nats: TestNats;
  as(role: NatsRole): Promise<NatsConnection>;
}

export async function startNatsUsers(
  serviceSubjects: string[] = [],
): Promise<NatsUsers> {
  const users = NATS_ROLES.map((name) => ({
    name,
    password: crypto.randomUUID(),
    ...permissionsOf(name, serviceSubjects),
  }));
  const nats = await startTestNats({ users });
  const opened: NatsConnection[] = [];
  return {
    nats,
    async as(role) {
      const user = users.find(({ name }) => name === role);
      const nc = await connectNats(
        `nats://${role}:${user?.password}@127.0.0.1:${nats.port}`,
        `test-${role}`,
        INBOX[role],
      );
      opened.push(nc);
      return nc;
    },
    async [Symbol.asyncDispose]() {
      for (const nc of opened) await nc.close();
      await nats[Symbol.asyncDispose]();
    },
  };
}
