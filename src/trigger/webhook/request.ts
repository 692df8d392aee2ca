/** What a function is called with for a delivery. */
import { encodeBase64 } from "../../contracts/base64.ts";
import type { CloudRequest } from "../../contracts/cloud.ts";
import type { WebhookTrigger } from "../../contracts/trigger.ts";
import type { Genuine } from "./receive.ts";
import { withoutToken } from "./token.ts";

/**
 * The request as it came, the raw bytes of its body beside the decoded ones,
 * and headers that say what it is. No sender sets these: what it calls `oche-…`
 * is left out.
 */
export function deliveredRequest(
  trigger: WebhookTrigger,
  request: CloudRequest,
  bytes: Uint8Array,
  { event, delivery }: Pick<Genuine, "event" | "delivery">,
): CloudRequest {
  const shown = trigger.provider === "token"
    ? withoutToken(request, trigger)
    : request;
  const isDecoded = bytes.length > 0 && !shown.isBase64Encoded;
  return {
    ...shown,
    headers: {
      ...Object.fromEntries(
        Object.entries(shown.headers)
          .filter(([name]) => !name.startsWith("oche-")),
      ),
      "oche-trigger": trigger.name,
      "oche-provider": trigger.provider,
      "oche-delivery": delivery,
      ...(event !== undefined && { "oche-event": event }),
    },
    ...(isDecoded && { rawBody: encodeBase64(bytes) }),
  };
}
