/** Token buckets in memory, one for each who calls; their number is bounded. */
import { AppError } from "../contracts/error.ts";
import type { Rate } from "../contracts/access.ts";

/** Past this, those that have been quiet longest are forgotten. */
const MAX_TRACKED = 50_000;

interface Bucket {
  tokens: number;
  /** When it was last filled, in milliseconds. */
  at: number;
}

export class RateLimit {
  readonly #rate: Rate;
  readonly #maxTracked: number;
  /** The longest unused first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, maxTracked = MAX_TRACKED) {
    this.#rate = rate;
    this.#maxTracked = maxTracked;
  }

  /**
   * @param now Milliseconds of a clock that never goes back.
   * @returns 0 when it is admitted, else the seconds after which it would be
   */
  take(who: string, now: number): number {
    const { perSecond, burst } = this.#rate;
    const bucket = this.#buckets.get(who) ?? { tokens: burst, at: now };
    this.#buckets.delete(who);
    this.#buckets.set(who, bucket);
    if (this.#buckets.size > this.#maxTracked) this.#forgetOldest();

    const filled = bucket.tokens + (now - bucket.at) / 1_000 * perSecond;
    bucket.tokens = Math.min(burst, filled);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond;
    bucket.tokens--;
    return 0;
  }

  get tracked(): number {
    return this.#buckets.size;
  }

  #forgetOldest(): void {
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
}

export function tooOften(
  what: "address" | "key",
  retryAfter: number,
): AppError {
  return new AppError("busy", `Too many requests from one ${what}`, {
    hint: "Ask less often; Retry-After says when to try",
    retryAfter: Math.ceil(retryAfter),
  });
}
