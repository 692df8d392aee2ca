/** The options of an invocation that HTTP headers hold. */
import { z } from "zod";
import { Deadline, VersionNumber } from "../src/contracts/header.ts";
import { parse } from "../src/contracts/parse.ts";
import type { InvokeOptions } from "../src/contracts/port.ts";

const OptionHeaders = z.object({
  version: VersionNumber.optional(),
  deadline: Deadline.optional(),
  idempotencyKey: z.string().max(256).optional(),
  traceparent: z.string().max(256).optional(),
});

/** @throws {AppError} `invalid` */
export function readInvokeOptions(headers: Headers): InvokeOptions {
  return parse(
    OptionHeaders,
    {
      version: headers.get("oche-version") ?? undefined,
      deadline: headers.get("oche-deadline") ?? undefined,
      idempotencyKey: headers.get("idempotency-key") ?? undefined,
      traceparent: headers.get("traceparent") ?? undefined,
    },
    "the headers",
  );
}
