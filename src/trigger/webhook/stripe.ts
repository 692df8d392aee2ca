/** Stripe: `Stripe-Signature: t=…,v1=…` over `<t>.<body>`; a roll sends two `v1`. */
import {
  needFresh,
  needHeader,
  needProof,
  type Scheme,
  textField,
} from "./delivery.ts";
import { hmac, oneIs, SHA256_HEX } from "./hmac.ts";

const ITEMS = /^\w+=\w+(?:,\w+=\w+){0,15}$/;

export const stripe: Scheme = {
  verify(delivery, secrets, settings) {
    const header = needHeader(delivery, "stripe-signature");
    needProof(ITEMS.test(header));
    const items = header.split(",");
    const timestamps = valuesOf(items, "t=");
    const [timestamp] = timestamps;
    needProof(timestamp !== undefined && timestamps.length === 1);
    const expected = secrets.map((secret) =>
      hmac(SHA256_HEX, secret, [`${timestamp}.`, delivery.body])
    );
    needProof(oneIs(valuesOf(items, "v1="), expected));
    needFresh(timestamp ?? "", delivery, settings);
    return timestamp;
  },

  facts: (_delivery, body) => ({
    event: textField(body, "type"),
    id: textField(body, "id"),
  }),
};

function valuesOf(items: readonly string[], prefix: string): string[] {
  return items.filter((item) => item.startsWith(prefix))
    .map((item) => item.slice(prefix.length));
}
