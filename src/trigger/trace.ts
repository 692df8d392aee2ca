/** Trace context (W3C Trace Context §3.2): begun where a trigger fires, and continued. */
import { randomBytes } from "node:crypto";

const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The same trace with a parent of its own; a new one where there is none. */
export function continueTrace(traceparent: string | undefined): string {
  const [, trace = hex(16), flags = "01"] =
    TRACEPARENT.exec(traceparent ?? "") ?? [];
  return `00-${trace}-${hex(8)}-${flags}`;
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
