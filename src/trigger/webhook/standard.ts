/** Standard Webhooks 1.0: `webhook-signature: v1,<base64> …` over `<id>.<timestamp>.<body>`. */
import { decodeBase64 } from "../../contracts/base64.ts";
import { isStandardSecret } from "../../contracts/webhook.ts";
import {
  type Delivery,
  needFresh,
  needHeader,
  needProof,
  type Scheme,
  textField,
} from "./delivery.ts";
import { hmac, oneIs } from "./hmac.ts";

const MAX_SIGNATURES = 16;
const FORMAT = { algorithm: "sha256", encoding: "base64" } as const;

export const standard: Scheme = {
  verify(delivery, secrets, settings) {
    const prefix = prefixOf(delivery);
    const id = needHeader(delivery, `${prefix}-id`);
    const timestamp = needHeader(delivery, `${prefix}-timestamp`);
    const given = needHeader(delivery, `${prefix}-signature`)
      .split(" ", MAX_SIGNATURES);
    // The key of another text may be short, or empty, and known to anybody.
    const expected = secrets.filter(isStandardSecret).map((secret) => {
      const key = decodeBase64(secret.replace(/^whsec_/, ""));
      const signed = [`${id}.${timestamp}.`, delivery.body];
      return `v1,${hmac(FORMAT, key, signed)}`;
    });
    needProof(oneIs(given, expected));
    needFresh(timestamp, delivery, settings);
    return timestamp;
  },

  facts: (delivery, body) => ({
    event: textField(body, "type"),
    id: delivery.header(`${prefixOf(delivery)}-id`),
  }),
};

/** The names that the specification grew out of are still sent. */
function prefixOf({ header }: Delivery): string {
  return header("webhook-id") === undefined && header("svix-id") !== undefined
    ? "svix"
    : "webhook";
}
