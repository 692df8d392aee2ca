/** Slack: `X-Slack-Signature: v0=…` over `v0:<timestamp>:<body>`. */
import {
  type Facts,
  field,
  needFresh,
  needHeader,
  needProof,
  type Scheme,
  textField,
} from "./delivery.ts";
import { hmac, oneIs, SHA256_HEX } from "./hmac.ts";

export const slack: Scheme = {
  verify(delivery, secrets, settings) {
    const given = needHeader(delivery, "x-slack-signature");
    const timestamp = needHeader(delivery, "x-slack-request-timestamp");
    const expected = secrets.map((secret) =>
      `v0=${hmac(SHA256_HEX, secret, [`v0:${timestamp}:`, delivery.body])}`
    );
    needProof(oneIs([given], expected));
    needFresh(timestamp, delivery, settings);
    return timestamp;
  },

  facts(_delivery, body) {
    return typeof body === "string" ? ofForm(body) : ofEvent(body);
  },
};

/** The Events API. A new address is proven by sending the challenge back. */
function ofEvent(body: unknown): Facts {
  const type = textField(body, "type");
  if (type === "url_verification") {
    return {
      event: type,
      reply: { challenge: textField(body, "challenge") ?? "" },
    };
  }
  return {
    event: textField(field(body, "event"), "type") ?? type,
    id: textField(body, "event_id"),
  };
}

/** Interactions come as a form with JSON in `payload`; slash commands as a form. */
function ofForm(body: string): Facts {
  const form = new URLSearchParams(body);
  const payload = parseOrUndefined(form.get("payload"));
  if (payload !== undefined) {
    return {
      event: textField(payload, "type"),
      id: textField(payload, "trigger_id"),
    };
  }
  return {
    event: form.has("command") ? "slash_command" : undefined,
    id: form.get("trigger_id") ?? undefined,
  };
}

function parseOrUndefined(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
