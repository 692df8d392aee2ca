/** From what arrived to what is to be done: proven first, then read. */
import { createHash } from "node:crypto";
import { invocationIdOf } from "../../contracts/invocation.ts";
import type { WebhookTrigger } from "../../contracts/trigger.ts";
import type { Provider } from "../../contracts/webhook.ts";
import type { Delivery, Facts, Scheme } from "./delivery.ts";
import { generic } from "./generic.ts";
import { github } from "./github.ts";
import { slack } from "./slack.ts";
import { standard } from "./standard.ts";
import { stripe } from "./stripe.ts";
import { token } from "./token.ts";

const SCHEMES: Record<Provider, Scheme> = {
  github,
  stripe,
  slack,
  standard,
  hmac: generic,
  token,
};

/** What fits a header: printable, and of a length that no real one exceeds. */
const HEADER_SAFE = /^[\x20-\x7e]{1,256}$/;

export interface Genuine extends Facts {
  /** Tells this delivery from the trigger's others; shown to the function. */
  delivery: string;
  /** The same for the same delivery. */
  invocationId: string;
}

/**
 * Proves a delivery genuine.
 *
 * @returns the timestamp that the signature covers
 * @throws {AppError} `unauthenticated`
 */
export function verifyDelivery(
  trigger: WebhookTrigger,
  delivery: Delivery,
  secrets: readonly string[],
): string | undefined {
  return SCHEMES[trigger.provider].verify(delivery, secrets, trigger);
}

/**
 * What a verified delivery is.
 *
 * One that has neither an id nor a signed timestamp cannot be told from another
 * with the same content, and counts as new each time.
 *
 * @param body Decoded as its type says.
 */
export function readDelivery(
  trigger: WebhookTrigger,
  delivery: Delivery,
  body: unknown,
  timestamp: string | undefined,
): Genuine {
  const { event, id, reply } = SCHEMES[trigger.provider]
    .facts(delivery, body, trigger);
  const name = safe(id) ??
    (timestamp === undefined
      ? crypto.randomUUID()
      : `sha256=${digest(timestamp, delivery.body)}`);
  return {
    event: safe(event),
    id: safe(id),
    reply,
    delivery: name,
    invocationId: invocationIdOf("webhook", trigger.id, name),
  };
}

/** Whether the trigger wants such events. */
export function wants(
  { events }: Pick<WebhookTrigger, "events">,
  event: string | undefined,
): boolean {
  if (!events) return true;
  return event !== undefined &&
    events.some((each) =>
      each.endsWith("*") ? event.startsWith(each.slice(0, -1)) : event === each
    );
}

function safe(text: string | undefined): string | undefined {
  return text !== undefined && HEADER_SAFE.test(text) ? text : undefined;
}

function digest(timestamp: string, body: Uint8Array): string {
  return createHash("sha256").update(`${timestamp}.`).update(body)
    .digest("hex");
}
