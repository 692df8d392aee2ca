/** The configuration of a NATS server that others run: users, limits, no passwords. */
import { NATS_ROLES } from "../contracts/nats_user.ts";
import { OPERATOR, type Permissions, permissionsOf } from "./permissions.ts";

const HEAD =
  `# For a NATS server that Oche's programs connect to. Passwords come from the
# environment of nats-server; one that begins with a letter is read as it is:
#
#   export OCHE_NATS_PASSWORD=p$(openssl rand -hex 24)
#
# The store's folder is named on the command line: nats-server --config
# docs/nats.conf --store_dir /data. Services that publish subjects of their own
# get them added to the user "service".

max_payload: 1MB

jetstream {
  max_memory_store: 512MB
}
`;

/** The text of `docs/nats.conf`. */
export function serverConfig(): string {
  const users = [
    user("oche", "OCHE_NATS_PASSWORD", OPERATOR),
    ...NATS_ROLES.map((role) =>
      user(
        role,
        `OCHE_NATS_${role.toUpperCase()}_PASSWORD`,
        permissionsOf(role),
      )
    ),
  ];
  return `${HEAD}
authorization {
  users = [
${users.join("")}  ]
}
`;
}

function user(
  name: string,
  variable: string,
  { publish, subscribe }: Permissions,
): string {
  const permissions = JSON.stringify({ publish, subscribe }, undefined, 2)
    .replaceAll("\n", "\n      ");
  return `    {
      user: ${name}
      password: $${variable}
      permissions: ${permissions}
    }
`;
}
