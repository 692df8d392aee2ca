/** `/api/functions/:name/signing-secret`: what signed invokes are signed with. */
import { Hono } from "hono";
import { newSigningSecret, signingSecretName } from "../src/auth/signatures.ts";
import { parse } from "../src/contracts/parse.ts";
import { SigningSecretRequest } from "../src/contracts/signature.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction } from "./found.ts";
import { readJson } from "./json.ts";
import { scoped } from "./middleware/auth.ts";

export function signing(
  { registry, keys, secrets }: Pick<
    GatewayDeps,
    "registry" | "keys" | "secrets"
  >,
): Hono {
  const app = new Hono();

  app.put("/:name/signing-secret", scoped(keys, "deploy"), async (c) => {
    const { id } = await foundFunction(registry, c.req.param("name"));
    const body = await readJson(c.req.raw);
    const { secret = newSigningSecret() } = parse(
      SigningSecretRequest,
      body,
      "the body",
    );
    await secrets.put(signingSecretName(id), secret);
    return c.json({ secret });
  });

  app.delete("/:name/signing-secret", scoped(keys, "deploy"), async (c) => {
    const { id } = await foundFunction(registry, c.req.param("name"));
    await secrets.remove(signingSecretName(id));
    return c.body(null, 204);
  });

  return app;
}
