/** Commands about API keys. */
import { z } from "zod";
import { SCOPES } from "../../contracts/key.ts";
import { type AddCommand, append, onOne } from "../command.ts";
import type { CliDeps } from "../deps.ts";
import { createKey, listKeys, revokeKey } from "../keys.ts";

export function keyCommands(add: AddCommand, deps: CliDeps): void {
  add({
    usage: "create <name>",
    description: "make a key; it is shown once",
    example: "keys create ci --scope deploy --function 'billing-*'",
    options: z.object({
      scope: z.array(z.string()),
      function: z.array(z.string()),
      expires: z.string().optional(),
    }),
  }, onOne(deps, createKey))
    .option(
      "--scope <scope>",
      `${SCOPES.join(", ")}; again for more`,
      append,
      [],
    )
    .option(
      "--function <pattern>",
      "reach these alone, as billing-*",
      append,
      [],
    )
    .option("--expires <when>", "30d, 12h, 15m, or a time");
  add({
    usage: "list",
    description: "list keys",
    example: "keys list",
  }, ({ printer }) => listKeys(deps, printer));
  add({
    usage: "revoke <id>",
    description: "end a key, on every gateway",
    example: "keys revoke 0123456789abcdef",
  }, onOne(deps, revokeKey));
  add({
    usage: "rotate-seal",
    description: "put a new key into seal.key; see docs/security.md",
    example: "keys rotate-seal",
    options: z.object({ dropOld: z.boolean().default(false) }),
  }, async ({ printer, options }) => {
    const text = await deps.stack.rotateSeal(options);
    printer.result({ ...options, text }, text);
  })
    .option(
      "--drop-old",
      "leave the newest key alone, once nothing needs others",
    );
}
