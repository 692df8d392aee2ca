/** What JetStream refuses, by the codes of its API (NATS, server/errors.json). */
import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";

export function isCode(
  error: unknown,
  ...codes: number[]
): error is JetStreamApiError {
  return error instanceof JetStreamApiError && codes.includes(error.code);
}

/** Whether somebody else wrote first. */
export function isOutrun(error: unknown): boolean {
  return isCode(
    error,
    JetStreamApiCodes.StreamWrongLastSequence,
    // A cluster's word, where the other write is still under way.
    JetStreamApiCodes.StreamWrongLastSequenceUnknown,
  );
}
