/** `/healthz`: the process lives. `/readyz`: what it depends on answers. */
import { Hono } from "hono";
import type { GatewayDeps } from "./env.ts";

export function health(
  { checkReady, version }: Pick<GatewayDeps, "checkReady" | "version">,
): Hono {
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ status: "ok", version }));
  app.get("/readyz", async (c) => {
    await checkReady();
    return c.json({ status: "ready", version });
  });
  return app;
}
