/**
 * How full the queue may get by what comes from outside. The stream itself
 * takes twice as much: work that follows from work, as in a chain, must find
 * room, or what waits for it would never leave the queue.
 */
import type { JetStreamManager } from "@nats-io/jetstream";
import { STREAM } from "../nats/subject.ts";

/** The server is asked so often at most, in milliseconds. */
const ASK_MS = 500;

/**
 * @returns whether so many wait; what is let through counts until the server
 * is asked again
 */
export function queueLimit(
  jsm: JetStreamManager,
  maxQueued: number,
): () => Promise<boolean> {
  let asked = 0;
  let waiting = 0;
  return async function isFull() {
    const now = Date.now();
    if (now - asked > ASK_MS) {
      asked = now;
      const { state } = await jsm.streams.info(STREAM.async);
      waiting = state.messages;
    }
    return ++waiting > maxQueued;
  };
}
