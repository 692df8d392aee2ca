/** Outcomes told to whoever asked for it: what is allowed, and one try at it. */
import type { InvocationRecord } from "./invocation.ts";

/** What one try came to. */
export type Told =
  | { kind: "delivered" }
  | {
    kind: "refused";
    error: string;
    /** Another try would come to the same. */
    isFinal: boolean;
    /** What the receiver asked for, in milliseconds. */
    retryAfterMs: number;
  };

export interface Callbacks {
  /** Tells the outcome to the record's callback. */
  tell(record: InvocationRecord): Promise<Told>;
}
