/** Values of headers, over HTTP and NATS alike. */
import { z } from "zod";

/** Decimal digits and nothing else: no sign, no exponent, no space. */
export const WholeNumber = z.string().regex(
  /^\d{1,15}$/,
  "is not a whole number",
).transform(Number);

/** The time up to which a caller waits, in milliseconds since 1970. */
export const Deadline = WholeNumber;

export const VersionNumber = WholeNumber.refine(
  (version) => version > 0,
  "is not the number of a version",
);

/** W3C Trace Context §3.2, of any version. */
export const TRACEPARENT =
  /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
