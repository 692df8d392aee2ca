/** `/api/keys`: keys are made, listed and revoked. */
import { Hono } from "hono";
import { hashKey, newKey, newKeyId } from "../src/auth/api_key.ts";
import { AppError } from "../src/contracts/error.ts";
import {
  type ApiKey,
  type CreatedKey,
  KeyRequest,
  type KeyView,
} from "../src/contracts/key.ts";
import { parse } from "../src/contracts/parse.ts";
import type { GatewayDeps } from "./env.ts";
import { readJson } from "./json.ts";
import { scoped } from "./middleware/auth.ts";

export function keys(
  { keys, keyStore }: Pick<GatewayDeps, "keys" | "keyStore">,
): Hono {
  const app = new Hono();

  app.get(
    "/",
    scoped(keys, "admin"),
    (c) => c.json({ keys: keyStore.list().map(view) }),
  );

  app.post("/", scoped(keys, "admin"), async (c) => {
    const request = parse(KeyRequest, await readJson(c.req.raw), "the body");
    if (request.expiresAt && Date.parse(request.expiresAt) <= Date.now()) {
      throw new AppError("invalid", "Cannot make a key that has expired", {
        hint: "Give a time in the future: expiresAt, or --expires",
      });
    }
    const key = newKey();
    const record: ApiKey = {
      ...request,
      scopes: withoutRepeats(request.scopes),
      ...(request.functions && {
        functions: withoutRepeats(request.functions),
      }),
      id: newKeyId(),
      sha256: hashKey(key),
      createdAt: new Date().toISOString(),
    };
    await keyStore.add(record);
    return c.json({ ...view(record), key } satisfies CreatedKey, 201);
  });

  app.delete("/:id", scoped(keys, "admin"), async (c) => {
    await keyStore.revoke(c.req.param("id"));
    return c.body(null, 204);
  });

  return app;
}

function withoutRepeats<Value>(values: Value[]): Value[] {
  return Array.from(new Set(values));
}

function view({ sha256: _, ...rest }: ApiKey): KeyView {
  return rest;
}
