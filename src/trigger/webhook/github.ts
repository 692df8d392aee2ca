/** GitHub: `X-Hub-Signature-256` is `sha256=` and the HMAC of the body in hexadecimal. */
import { needHeader, needProof, type Scheme } from "./delivery.ts";
import { hmac, oneIs, SHA256_HEX } from "./hmac.ts";

export const github: Scheme = {
  verify(delivery, secrets) {
    const given = needHeader(delivery, "x-hub-signature-256");
    const expected = secrets.map((secret) =>
      `sha256=${hmac(SHA256_HEX, secret, [delivery.body])}`
    );
    needProof(oneIs([given], expected));
    return undefined;
  },

  facts: (delivery) => ({
    event: delivery.header("x-github-event"),
    id: delivery.header("x-github-delivery"),
  }),
};
