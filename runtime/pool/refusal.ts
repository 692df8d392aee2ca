/** Why a caller gets no worker. */
import { AppError } from "../../src/contracts/error.ts";

export function allInUse(limit: number): AppError {
  return new AppError(
    "busy",
    `Cannot start a sandbox: all ${limit} are in use`,
    {
      retryAfter: 1,
      hint: "Try again shortly, or raise OCHE_MAX_SANDBOXES",
    },
  );
}

/** At the end of a wait: with all in use, or with the first yet to come. */
export function waitedInVain(
  { isOnlyStarting }: { isOnlyStarting: boolean },
  limit: number,
): AppError {
  if (!isOnlyStarting) return allInUse(limit);
  return new AppError(
    "unavailable",
    "Cannot start a sandbox in time: the engine takes long, or is away",
    { retryAfter: 1, hint: "Try again shortly; see ./oche doctor" },
  );
}

export function closing(): AppError {
  return new AppError(
    "unavailable",
    "Cannot start a sandbox: the runtime ends",
    { hint: "Try again: another runtime takes the call" },
  );
}
