/** Any HMAC in a header, as the trigger describes it. */
import type { SignatureScheme } from "../../contracts/webhook.ts";
import {
  type Delivery,
  type Facts,
  needFresh,
  needHeader,
  needProof,
  type Scheme,
  type Settings,
} from "./delivery.ts";
import { hmac, oneIs } from "./hmac.ts";

export const generic: Scheme = {
  verify(delivery, secrets, settings) {
    const { signature } = settings;
    if (!signature) throw new TypeError("The trigger has no signature");
    const { timestampHeader } = signature;
    const timestamp = timestampHeader === undefined
      ? undefined
      : needHeader(delivery, timestampHeader);
    const given = needHeader(delivery, signature.header);
    const signed = signedParts(delivery, signature, settings.deliveryHeader);
    const expected = secrets.map((secret) =>
      signature.prefix + hmac(signature, secret, signed)
    );
    needProof(oneIs([comparable(given, signature)], expected));
    if (timestamp !== undefined) needFresh(timestamp, delivery, settings);
    return timestamp;
  },

  facts: headerFacts,
};

/** What the headers say that the trigger names. */
export function headerFacts(
  delivery: Delivery,
  _body: unknown,
  { eventHeader, deliveryHeader }: Settings,
): Facts {
  return {
    event: eventHeader && delivery.header(eventHeader),
    id: deliveryHeader && delivery.header(deliveryHeader),
  };
}

function signedParts(
  delivery: Delivery,
  { payload, timestampHeader }: SignatureScheme,
  deliveryHeader: string | undefined,
): (string | Uint8Array)[] {
  const template = payload ??
    (timestampHeader === undefined ? "{body}" : "{timestamp}.{body}");
  return template.split(/(\{\w+\})/).map((part) => {
    if (part === "{body}") return delivery.body;
    if (part === "{timestamp}") {
      return needHeader(delivery, timestampHeader ?? "");
    }
    if (part === "{delivery}") {
      return needHeader(delivery, deliveryHeader ?? "");
    }
    return part;
  });
}

/** Hexadecimal is the same in capitals. */
function comparable(
  given: string,
  { encoding, prefix }: SignatureScheme,
): string {
  if (encoding !== "hex" || !given.startsWith(prefix)) return given;
  return prefix + given.slice(prefix.length).toLowerCase();
}
