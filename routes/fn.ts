/** `ALL /fn/:name/*`: an HTTP request to a function, and its answer, as they are. */
import { type Context, Hono } from "hono";
import { accept, prefersAsync, refuseDelay, wantsCallback } from "./async.ts";
import { toPassedRequest } from "./cloud_request.ts";
import { toHttp } from "./cloud_response.ts";
import { readBytes } from "./body.ts";
import type { InvokeDeps } from "./env.ts";
import { withEvent } from "./event_request.ts";
import { foundFunction } from "./found.ts";
import { readInvokeOptions } from "./invoke_options.ts";
import { requireScope } from "./middleware/auth.ts";

export function fn(deps: InvokeDeps): Hono {
  const { registry, runtime, keys, limits, signatures } = deps;
  const app = new Hono();

  async function handle(c: Context): Promise<Response> {
    const name = c.req.param("name") ?? "";
    const record = await registry.find(name);
    const isPublic = record?.public ?? false;
    if (!isPublic) requireScope(c, keys, "invoke", record?.name ?? name);
    const found = await foundFunction(registry, name);
    const { id, current, settings } = found;
    const isAsync = prefersAsync(c.req.raw.headers);
    // Who may have others told is somebody with a key.
    if (isAsync && isPublic && wantsCallback(c.req.raw.headers)) {
      requireScope(c, keys, "invoke", found.name);
    }
    const options = readInvokeOptions(c.req.raw.headers);
    const bytes = await readBytes(c.req.raw, limits.bodyBytes, "the body");
    if (settings.signed) await signatures.check(id, c.req.raw.headers, bytes);
    const request = withEvent(
      toPassedRequest(c.req.raw, bytes, {
        prefix: `/fn/${name}`,
        withAuthorization: isPublic,
      }),
      bytes,
    );
    if (isAsync) return await accept(c, deps, found, request);
    refuseDelay(c.req.raw.headers);
    const asked = performance.now();
    const reply = await runtime.invoke(
      id,
      request,
      { ...options, version: options.version ?? current ?? undefined },
    );
    return toHttp(reply, performance.now() - asked);
  }

  app.all("/:name", handle);
  app.all("/:name/*", handle);
  return app;
}
