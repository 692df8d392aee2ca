/** `ALL /hooks/:trigger`: a delivery is proven, stored, and answered in milliseconds. */
import { type Context, Hono } from "hono";
import { AppError } from "../src/contracts/error.ts";
import { isTriggerRef, type WebhookTrigger } from "../src/contracts/trigger.ts";
import { secretOpener } from "../src/trigger/secret.ts";
import type { Delivery } from "../src/trigger/webhook/delivery.ts";
import {
  readDelivery,
  verifyDelivery,
  wants,
} from "../src/trigger/webhook/receive.ts";
import { webhookEvent } from "../src/trigger/trigger_events.ts";
import { deliveredRequest } from "../src/trigger/webhook/request.ts";
import { readBytes } from "./body.ts";
import { toCloudRequest } from "./cloud_request.ts";
import { runDelivery } from "./hook_sync.ts";
import type { HookDeps, WantedDelivery } from "./wanted_delivery.ts";

/** When to try a paused trigger again, in seconds. */
const PAUSED_RETRY_S = 300;

/** W3C Trace Context §3.2. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function hooks(deps: HookDeps): Hono {
  const openSecrets = secretOpener(deps.sealer);
  const app = new Hono();

  app.all("/:trigger", async (c) => {
    const ref = c.req.param("trigger");
    const trigger = await foundWebhook(deps, ref);
    const bytes = await readBytes(c.req.raw, deps.limits.bodyBytes, "the body");
    const delivery = deliveryOf(c.req.raw, bytes);
    const secrets = await openSecrets(trigger, delivery.receivedAt);
    const timestamp = verifyDelivery(trigger, delivery, secrets);
    if (!trigger.enabled) throw paused(trigger.name);
    const request = toCloudRequest(c.req.raw, bytes, {
      prefix: `/hooks/${ref}`,
      withAuthorization: true,
    });
    const body = request.isBase64Encoded ? undefined : request.body;
    const genuine = readDelivery(trigger, delivery, body, timestamp);
    if (genuine.reply !== undefined) return c.json(genuine.reply);
    if (!wants(trigger, genuine.event)) return c.body(null, 204);
    if (deps.events.wants(trigger.functionId)) {
      deps.events.emit(webhookEvent(trigger, genuine));
    }
    const wanted = {
      trigger,
      genuine,
      request: deliveredRequest(trigger, request, bytes, genuine),
      traceparent: traceOf(c.req.raw.headers),
    };
    return trigger.mode === "sync"
      ? await runDelivery(deps, wanted)
      : await accept(c, deps, wanted);
  });

  return app;
}

/** @throws {AppError} `not_found` */
async function foundWebhook(
  { triggers }: HookDeps,
  ref: string,
): Promise<WebhookTrigger> {
  const trigger = isTriggerRef(ref) ? await triggers.find(ref) : undefined;
  if (trigger?.type === "webhook") return trigger;
  throw new AppError("not_found", `Cannot find webhook "${ref}"`, {
    hint: "See its address: ./oche triggers list",
  });
}

/** One durable write, then the answer. */
async function accept(
  c: Context,
  deps: HookDeps,
  { trigger, genuine, request, traceparent }: WantedDelivery,
): Promise<Response> {
  const { invocationId, duplicate } = await deps.async.submit({
    functionId: trigger.functionId,
    request,
    invocationId: genuine.invocationId,
    source: { type: "webhook", trigger: trigger.id },
    ...(traceparent !== undefined && { traceparent }),
  });
  return c.json({ invocationId, duplicate }, duplicate ? 200 : 202, {
    location: `/api/invocations/${invocationId}`,
  });
}

function deliveryOf(request: Request, body: Uint8Array): Delivery {
  const { headers, url } = request;
  return {
    header: (name) => headers.get(name) ?? undefined,
    query: (name) => new URL(url).searchParams.get(name) ?? undefined,
    body,
    receivedAt: Date.now(),
  };
}

function traceOf(headers: Headers): string | undefined {
  const traceparent = headers.get("traceparent") ?? "";
  return TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

/** Not lost: senders try again what was not taken. */
function paused(name: string): AppError {
  return new AppError("unavailable", `Webhook "${name}" is paused`, {
    hint: `Make it active again: ./oche triggers resume ${name}`,
    retryAfter: PAUSED_RETRY_S,
  });
}
