/** Which signatures were used, over all gateways: a stream that holds each once. */
import { JetStreamApiError, type JetStreamClient } from "@nats-io/jetstream";
import { AppError } from "../contracts/error.ts";
import type { ReplayGuard } from "../contracts/signature.ts";
import { isOutrun } from "../nats/api_error.ts";
import { subject } from "../nats/subject.ts";

export function replayGuard(js: JetStreamClient): ReplayGuard {
  return {
    async first(id) {
      try {
        await js.publish(subject.signature(id), "", {
          expect: { lastSubjectSequence: 0 },
        });
        return true;
      } catch (cause) {
        if (isOutrun(cause)) return false;
        if (!(cause instanceof JetStreamApiError)) throw cause;
        // Not to know is not to let in.
        throw new AppError("busy", "Cannot remember more signed requests", {
          hint: "Send fewer; they are forgotten after ten minutes",
          retryAfter: 1,
          cause,
        });
      }
    },
  };
}
