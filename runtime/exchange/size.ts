/** How large the files of an exchange directory may be, from the limits of what they hold. */
import { ENCODING_FACTOR } from "../../src/contracts/body.ts";

/** Headers, the environment, a compiled function. */
const SPARE_BYTES = 4 * 1024 * 1024;

/**
 * What the largest request, answer and log take together, in bytes.
 *
 * @param maxBytes Of each of them.
 */
export function exchangeNeeds(...maxBytes: number[]): number {
  const largest = maxBytes.reduce((sum, bytes) => sum + bytes, 0);
  return ENCODING_FACTOR * largest + SPARE_BYTES;
}
