/** A runtime's reply, of which a test only says what matters to it. */
import type { InvokeReply } from "../../src/contracts/port.ts";

export function replyOf(
  outcome: InvokeReply["outcome"],
  { invocationId = "i-1" }: { invocationId?: string } = {},
): InvokeReply {
  return {
    invocationId,
    version: 1,
    durationMs: 1,
    waitMs: 0,
    startMs: 0,
    start: "warm",
    logs: [],
    outcome,
  };
}
