/** Webhook triggers and their senders: what providers publish, and their own libraries. */
import { sign as signGithub } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { createHmac } from "node:crypto";
import type { WebhookTrigger } from "../../src/contracts/trigger.ts";
import type { Provider } from "../../src/contracts/webhook.ts";
import type { Delivery } from "../../src/trigger/webhook/delivery.ts";

export const SECRETS: Record<Provider, string> = {
  github: "It's a Secret to Everybody",
  stripe: "whsec_3ae8b8e2f1c94b0a8d5e6f7a8b9c0d1e",
  slack: "8f742231b10e8888abcd99yyyzzz85a5",
  standard: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  hmac: "a secret of any sort",
  token: "a-shared-token-of-sorts",
};

/** A trigger of that provider, as it is stored. */
export function webhookTrigger(
  provider: Provider,
  settings: Partial<WebhookTrigger> = {},
): WebhookTrigger {
  return {
    id: "b0000000-0000-4000-8000-000000000001",
    functionId: "b0000000-0000-4000-8000-000000000002",
    name: `the-${provider}`,
    type: "webhook",
    enabled: true,
    provider,
    mode: "async",
    toleranceSeconds: 300,
    secrets: [{ sealed: "", createdAt: "2026-01-01T00:00:00.000Z" }],
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    ...(provider === "hmac" && {
      signature: {
        header: "x-signature",
        algorithm: "sha256",
        encoding: "hex",
        prefix: "",
        timestampHeader: "x-timestamp",
      },
    }),
    ...settings,
  };
}

export interface Sent {
  headers: Record<string, string>;
  body: string | Uint8Array;
}

const encoder = new TextEncoder();

/** Signs a body now, as the provider's own library does where it has one. */
export async function send(
  provider: Provider,
  body: string,
  { secret = SECRETS[provider], at = new Date(), id = crypto.randomUUID() }: {
    secret?: string;
    at?: Date;
    id?: string;
  } = {},
): Promise<Sent> {
  const timestamp = Math.floor(at.getTime() / 1_000);
  const json = { "content-type": "application/json" };
  switch (provider) {
    case "github":
      return {
        body,
        headers: {
          ...json,
          "x-hub-signature-256": await signGithub(secret, body),
          "x-github-event": "push",
          "x-github-delivery": id,
        },
      };
    case "stripe":
      return {
        body,
        headers: {
          ...json,
          "stripe-signature": await Stripe.webhooks
            .generateTestHeaderStringAsync({
              payload: body,
              secret,
              timestamp,
            }),
        },
      };
    case "slack":
      // Slack publishes no library that signs; the scheme is its documentation's.
      return {
        body,
        headers: {
          ...json,
          "x-slack-request-timestamp": String(timestamp),
          "x-slack-signature": `v0=${
            createHmac("sha256", secret).update(`v0:${timestamp}:${body}`)
              .digest("hex")
          }`,
        },
      };
    case "standard":
      return {
        body,
        headers: {
          ...json,
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          "webhook-signature": new Webhook(secret).sign(id, at, body),
        },
      };
    case "hmac":
      return {
        body,
        headers: {
          ...json,
          "x-timestamp": String(timestamp),
          "x-signature": createHmac("sha256", secret)
            .update(`${timestamp}.${body}`).digest("hex"),
        },
      };
    case "token":
      return { body, headers: { ...json, "x-token": secret } };
  }
}

/** What arrives of what was sent. */
export function arrived(
  { headers, body }: Sent,
  { query = "", receivedAt = Date.now() } = {},
): Delivery {
  const got = new Headers(headers);
  return {
    header: (name) => got.get(name) ?? undefined,
    query: (name) => new URLSearchParams(query).get(name) ?? undefined,
    body: typeof body === "string" ? encoder.encode(body) : body,
    receivedAt,
  };
}
