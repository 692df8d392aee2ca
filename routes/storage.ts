/** `GET /api/storage`: what is stored, and what bounds it. */
import { Hono } from "hono";
import type { StorageReport } from "../src/contracts/storage.ts";
import type { GatewayDeps } from "./env.ts";
import { scoped } from "./middleware/auth.ts";

export function storage(
  { keys, registry, storage }: Pick<
    GatewayDeps,
    "keys" | "registry" | "storage"
  >,
): Hono {
  const app = new Hono();
  app.get("/", scoped(keys, "read"), async (c) => {
    const functions = await registry.list();
    const versions: Record<string, number> = {};
    for (const { id } of functions) {
      for (const { status } of await registry.versions(id)) {
        versions[status] = (versions[status] ?? 0) + 1;
      }
    }
    return c.json(
      {
        functions: functions.length,
        versions,
        stores: await storage.stores(),
      } satisfies StorageReport,
    );
  });
  return app;
}
