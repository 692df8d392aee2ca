/** The options of an invocation that HTTP headers hold. */
import { z } from "zod";
import { Deadline, VersionNumber } from "../src/contracts/header.ts";
import { parse } from "../src/contracts/parse.ts";
import type { InvokeOptions } from "../src/contracts/port.ts";

/** By the names that a refusal says. */
const OptionHeaders = z.object({
  "oche-version": VersionNumber.optional(),
  "oche-deadline": Deadline.optional(),
  "idempotency-key": z.string().max(256).optional(),
  traceparent: z.string().max(256).optional(),
});
const NAMES = Object.keys(OptionHeaders.shape);

/** @throws {AppError} `invalid` */
export function readInvokeOptions(headers: Headers): InvokeOptions {
  const given = parse(
    OptionHeaders,
    Object.fromEntries(
      NAMES.map((name) => [name, headers.get(name) ?? undefined]),
    ),
    "the headers",
  );
  return {
    version: given["oche-version"],
    deadline: given["oche-deadline"],
    idempotencyKey: given["idempotency-key"],
    traceparent: given.traceparent,
  };
}
