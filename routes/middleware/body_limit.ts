/** What bodies may take of time and memory, whoever reads them. */
import type { MiddlewareHandler } from "hono";
import { AppError } from "../../src/contracts/error.ts";

export interface BodyLimits {
  /** How long one may take to arrive, in milliseconds. */
  ms: number;
  /** What those of all requests under way may hold together, in bytes. */
  heldBytes: number;
}

export interface BodyLimit {
  /** Of the whole body, in milliseconds. */
  ms: number;
  /** Of that, from now on. */
  left(): number;
  /**
   * Counts bytes for as long as the request is under way.
   *
   * @throws {AppError} `busy` when there is no room
   */
  hold(bytes: number): void;
}

const limits = new WeakMap<Request, BodyLimit>();

/** The clock of every request begins here, before keys and names are looked up. */
export function bodyLimited({ ms, heldBytes }: BodyLimits): MiddlewareHandler {
  let held = 0;
  return async function bodyLimited(c, next) {
    const until = performance.now() + ms;
    let own = 0;
    limits.set(c.req.raw, {
      ms,
      left: () => Math.max(0, until - performance.now()),
      hold(bytes) {
        if (held + bytes > heldBytes) throw noRoom();
        held += bytes;
        own += bytes;
      },
    });
    try {
      await next();
    } finally {
      held -= own;
    }
  };
}

/** Undefined for a request that has no limit. */
export function bodyLimit(request: Request): BodyLimit | undefined {
  return limits.get(request);
}

function noRoom(): AppError {
  return new AppError("busy", "Cannot take the body: others fill the memory", {
    hint: "Try again; OCHE_MAX_HELD_BYTES is what all of them may hold",
    retryAfter: 1,
  });
}
