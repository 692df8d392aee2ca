/** Asynchronous invocations over HTTP: look at one, its result, cancel it, list them. */
import { type Context, Hono } from "hono";
import {
  InvocationId,
  InvocationQuery,
  type InvocationRecord,
} from "../src/contracts/invocation.ts";
import { AppError } from "../src/contracts/error.ts";
import { parse } from "../src/contracts/parse.ts";
import { answerToHttp } from "./cloud_response.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction } from "./found.ts";
import { requireScope, scoped } from "./middleware/auth.ts";

type Deps = Pick<GatewayDeps, "async" | "registry" | "keys">;

export function invocations({ async: port, registry, keys }: Deps): Hono {
  const app = new Hono();

  /** Whoever may call the function may see what became of a call. */
  async function found(
    c: Context,
    needsKey: boolean,
  ): Promise<InvocationRecord> {
    const id = parse(InvocationId, c.req.param("id"), "the invocation's id");
    const record = await port.find(id);
    const of = record && await registry.find(record.functionId);
    if (needsKey || !of?.public) requireEither(c, of?.name);
    if (record) return record;
    throw new AppError("not_found", `Cannot find the invocation "${id}"`, {
      hint: "Records are kept for some days",
    });
  }

  function requireEither(c: Context, name: string | undefined): void {
    try {
      requireScope(c, keys, "invoke", name);
    } catch (error) {
      if (AppError.from(error).code !== "forbidden") throw error;
      requireScope(c, keys, "read", name);
    }
  }

  app.get("/:id", async (c) => c.json(await found(c, false)));

  app.get("/:id/result", async (c) => {
    const { id } = await found(c, false);
    return answerToHttp(await port.result(id), { "oche-invocation-id": id });
  });

  app.delete("/:id", async (c) => {
    const { id, functionId } = await found(c, true);
    const name = (await registry.find(functionId))?.name;
    requireScope(c, keys, "invoke", name);
    return c.json(await port.cancel(id));
  });

  return app;
}

/** `GET /api/functions/:name/invocations`. */
export function functionInvocations(
  { async: port, registry, keys }: Deps,
): Hono {
  const app = new Hono();
  app.get("/:name/invocations", scoped(keys, "read"), async (c) => {
    const { id } = await foundFunction(registry, c.req.param("name"));
    const query = parse(InvocationQuery, c.req.query(), "the query");
    return c.json(await port.list(id, query));
  });
  return app;
}
