/** How much goes into one message of NATS; what is larger lies beside it. */

/** What headers and protocol may take of a message's size, in bytes. */
const OVERHEAD = 16 * 1024;
/** The server's own, in bytes. */
const MAX_PAYLOAD = 1024 * 1024;

/** In bytes. @param maxPayload As the server says; absent before it did. */
export function messageRoom(maxPayload = MAX_PAYLOAD): number {
  return maxPayload - OVERHEAD;
}
