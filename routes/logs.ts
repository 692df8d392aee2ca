/** `GET /api/functions/:name/logs`: the newest lines, newest last. */
import { Hono } from "hono";
import { LogQuery } from "../src/contracts/log.ts";
import { parse } from "../src/contracts/parse.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction } from "./found.ts";
import { scoped } from "./middleware/auth.ts";

export function logs(
  { registry, logs, keys }: Pick<GatewayDeps, "registry" | "logs" | "keys">,
): Hono {
  const app = new Hono();
  app.get("/:name/logs", scoped(keys, "read"), async (c) => {
    const { id } = await foundFunction(registry, c.req.param("name"));
    const query = parse(LogQuery, c.req.query(), "the query");
    return c.json({ logs: await logs.query(id, query) });
  });
  return app;
}
