/** `POST /api/functions/:name/invoke`: request and answer in an envelope. */
import { Hono } from "hono";
import { CloudRequest, type Envelope } from "../src/contracts/cloud.ts";
import { parse } from "../src/contracts/parse.ts";
import { toProblem } from "../src/contracts/problem.ts";
import { readBytes } from "./body.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction } from "./found.ts";
import { readInvokeOptions } from "./invoke_options.ts";
import { parseBytes } from "./json.ts";
import { scoped } from "./middleware/auth.ts";
import { problemResponse } from "./middleware/error.ts";

/** What JSON and base64 add to a body at most. */
const ENVELOPE_FACTOR = 2;

export function invoke(
  { registry, runtime, keys, limits, signatures }: Pick<
    GatewayDeps,
    "registry" | "runtime" | "keys" | "limits" | "signatures"
  >,
): Hono {
  const app = new Hono();

  app.post("/:name/invoke", scoped(keys, "invoke"), async (c) => {
    const { id, current, settings } = await foundFunction(
      registry,
      c.req.param("name"),
    );
    const options = readInvokeOptions(c.req.raw.headers);
    const bytes = await readBytes(
      c.req.raw,
      limits.bodyBytes * ENVELOPE_FACTOR,
      "the body",
    );
    if (settings.signed) await signatures.check(id, c.req.raw.headers, bytes);
    const body = parseBytes(bytes);
    const reply = await runtime.invoke(
      id,
      parse(CloudRequest, body, "the envelope"),
      {
        ...options,
        version: options.version ?? current ?? undefined,
        logs: true,
      },
    );
    const { outcome, waitMs: _, ...meta } = reply;
    if (outcome.error) {
      return problemResponse({
        ...toProblem(outcome.error),
        invocationId: meta.invocationId,
        logs: meta.logs,
      });
    }
    const { encoding: _encoding, ...answer } = outcome.response;
    return c.json({ ...answer, ...meta } satisfies Envelope);
  });

  return app;
}
