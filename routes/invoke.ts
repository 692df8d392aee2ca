/** `POST /api/functions/:name/invoke`: request and answer in an envelope. */
import { Hono } from "hono";
import { z } from "zod";
import { ENCODING_FACTOR } from "../src/contracts/body.ts";
import { CloudRequest, type Envelope } from "../src/contracts/cloud.ts";
import { parse } from "../src/contracts/parse.ts";
import { toProblem } from "../src/contracts/problem.ts";
import { accept, prefersAsync, refuseDelay } from "./async.ts";
import { readBytes } from "./body.ts";
import { metaOf } from "./cloud_response.ts";
import type { InvokeDeps } from "./env.ts";
import { eventRequest } from "./event_request.ts";
import { foundFunction } from "./found.ts";
import { readInvokeOptions } from "./invoke_options.ts";
import { parseBytes } from "./json.ts";
import { scoped } from "./middleware/auth.ts";
import { problemResponse } from "./middleware/error.ts";

export const InvokeQuery = z.object({
  mode: z.enum(["sync", "async"]).default("sync"),
});

export function invoke(deps: InvokeDeps): Hono {
  const { registry, runtime, keys, limits, signatures } = deps;
  const app = new Hono();

  app.post("/:name/invoke", scoped(keys, "invoke"), async (c) => {
    const found = await foundFunction(registry, c.req.param("name"));
    const { id, current, settings } = found;
    const { mode } = parse(InvokeQuery, c.req.query(), "the query");
    const options = readInvokeOptions(c.req.raw.headers);
    const bytes = await readBytes(
      c.req.raw,
      limits.bodyBytes * ENCODING_FACTOR,
      "the body",
    );
    if (settings.signed) await signatures.check(id, c.req.raw.headers, bytes);
    const request = eventRequest(c.req.raw.headers, bytes) ??
      parse(CloudRequest, parseBytes(bytes), "the envelope");
    if (mode === "async" || prefersAsync(c.req.raw.headers)) {
      return await accept(c, deps, found, request);
    }
    refuseDelay(c.req.raw.headers);
    const begun = performance.now();
    const reply = await runtime.invoke(
      id,
      request,
      {
        ...options,
        version: options.version ?? current ?? undefined,
        logs: true,
      },
    );
    const headers = metaOf(reply, performance.now() - begun);
    const { outcome, waitMs: _wait, startMs: _start, ...meta } = reply;
    if (outcome.error) {
      return problemResponse({
        ...toProblem(outcome.error),
        invocationId: meta.invocationId,
        logs: meta.logs,
      }, headers);
    }
    const { encoding: _encoding, ...answer } = outcome.response;
    return c.json({ ...answer, ...meta } satisfies Envelope, 200, headers);
  });

  return app;
}
