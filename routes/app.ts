/** The gateway's HTTP application: every route module mounted. */
import { Hono } from "hono";
import { dead } from "./dead.ts";
import { deployments } from "./deployments.ts";
import type { GatewayDeps } from "./env.ts";
import { events } from "./events.ts";
import { fn } from "./fn.ts";
import { functions } from "./functions.ts";
import { health } from "./health.ts";
import { functionInvocations, invocations } from "./invocations.ts";
import { hooks } from "./hooks.ts";
import { invoke } from "./invoke.ts";
import { keys } from "./keys.ts";
import { logs } from "./logs.ts";
import { crossOrigin } from "./middleware/cors.ts";
import { bodyLimited } from "./middleware/body_limit.ts";
import { onError, onNotFound } from "./middleware/error.ts";
import { plainTarget } from "./middleware/plain_target.ts";
import { addressLimited } from "./middleware/rate.ts";
import { securityHeaders } from "./middleware/security_headers.ts";
import { openapi } from "./openapi.ts";
import { signing } from "./signing.ts";
import { storage } from "./storage.ts";
import { allTriggers, functionTriggers } from "./triggers.ts";

export function createApp(deps: GatewayDeps): Hono {
  const app = new Hono();
  app.onError(onError(deps.log));
  app.notFound(onNotFound);
  if (deps.corsOrigins.length > 0) app.use(crossOrigin(deps.corsOrigins));
  app.use(securityHeaders);
  app.use(plainTarget);
  app.use(bodyLimited({
    ms: deps.limits.bodyMs,
    heldBytes: deps.limits.heldBytes,
  }));
  if (deps.addressLimit) app.use(addressLimited(deps.addressLimit));
  app.route("/", health(deps));
  app.route("/", openapi(deps));
  app.route("/fn", fn(deps));
  app.route("/hooks", hooks(deps));
  for (
    const module of [
      functions,
      deployments,
      invoke,
      logs,
      signing,
      functionTriggers,
      functionInvocations,
    ]
  ) {
    app.route("/api/functions", module(deps));
  }
  app.route("/api/invocations", invocations(deps));
  app.route("/api/dead", dead(deps));
  app.route("/api/keys", keys(deps));
  app.route("/api/storage", storage(deps));
  app.route("/api/triggers", allTriggers(deps));
  app.route("/api/events", events(deps));
  return app;
}
