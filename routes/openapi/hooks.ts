/** The OpenAPI part of webhooks' addresses. */
import { z } from "zod";
import { apiPart } from "./part.ts";

/** What a delivery is answered with, once it is stored. */
const DeliveryAccepted = z.object({
  invocationId: z.string(),
  /** It was sent before, and does not run again. */
  duplicate: z.boolean(),
});

export const hooksApi = apiPart({
  schemas: { DeliveryAccepted },
  operations: [{
    method: "post",
    path: "/hooks/{trigger}",
    summary: "Deliver to a webhook; proven by the provider's signature",
    body: { type: "application/octet-stream" },
    answers: {
      200: {
        description: "A repeat, which runs nothing; a challenge's answer; " +
          "in mode sync what the function answered",
        schema: "DeliveryAccepted",
      },
      202: {
        description: "It is stored, and runs",
        schema: "DeliveryAccepted",
      },
      204: { description: "An event that the trigger leaves out" },
    },
  }],
});
