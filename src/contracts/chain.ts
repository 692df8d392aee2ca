/** A chain: where a function's answer goes on to. */
import { z } from "zod";
import { FunctionName } from "./function.ts";

/** What a caller may set. */
export const chainShape = {
  type: z.literal("chain"),
  on: z.enum(["success", "failure"]).default("success"),
  to: z.union([
    z.strictObject({ function: FunctionName }),
    z.strictObject({
      subject: z.string().min(1).max(256).regex(
        /^[^\s.*>]+(?:\.[^\s.*>]+)*$/,
        "is not a NATS subject without wildcards",
      ),
    }),
  ]),
};
