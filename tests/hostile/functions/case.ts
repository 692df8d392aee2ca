/** A row of the table of hostile functions: what one tries, what stops it, what its caller gets. */
import type { ErrorCode, FailureReason } from "../../../src/contracts/error.ts";
import type { LogLine } from "../../../src/contracts/log.ts";

export interface Answered {
  statusCode: number;
  body?: unknown;
}

export interface Refused {
  code: ErrorCode;
  reason?: FailureReason;
  detail?: RegExp;
}

export interface HostileCase {
  /** Unique; the function takes it from `?case=`. */
  id: string;
  /** What the function tries. */
  it: string;
  /** What stops it. */
  wall: string;
  /** The body of its handle(): Dart with `request`, and what prelude.ts has. */
  dart: string;
  answer: Answered | Refused;
  /** Whether its sandbox must be gone after the call; else it must serve on. */
  isReplaced: boolean;
  /** So often its sandbox has answered before, at least. */
  answered?: number;
  /** The next call of the same function ends in a timeout. */
  spoilsNext?: boolean;
  /** The caller waits for so long alone, in milliseconds. */
  deadlineMs?: number;
  /** What must be among its log lines. */
  log?: RegExp;
  /** Whether the engine has a part in it: then it runs on both. */
  byEngine?: boolean;
  /** Further demands on answer and log. */
  check?(answer: { body: unknown; logs: LogLine[] }): void;
  /** A healthy function is called meanwhile, too. */
  hasNeighbour?: boolean;
}

export function isRefused(answer: Answered | Refused): answer is Refused {
  return "code" in answer;
}
