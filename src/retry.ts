/** Trying again after a pause, for what others make fail and others mend. */
import { pause } from "./pause.ts";

export interface RetryOptions {
  /** From a failure to the next try, in milliseconds. */
  pauseMs: number;
  /** The first one counted; without end unless given. */
  maxTries?: number;
  /** Whether another try may help; unless given, after any error. */
  retryIf?(error: unknown): boolean;
}

/** @throws the error of the last try */
export async function retry<Value>(
  attempt: () => Promise<Value>,
  { pauseMs, maxTries = Infinity, retryIf = () => true }: RetryOptions,
): Promise<Value> {
  for (let tries = 1;; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= maxTries || !retryIf(error)) throw error;
      await pause(pauseMs);
    }
  }
}
