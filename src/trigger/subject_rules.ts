/** Which subjects a trigger may listen to and publish on. */
import { AppError } from "../contracts/error.ts";
import {
  isSystemStream,
  STREAM,
  subject,
  SYSTEM_SUBJECTS,
} from "../nats/subject.ts";

/**
 * Lifecycle events may be listened to; all else of the system may not.
 *
 * @throws {AppError} `invalid`
 */
export function checkListen(pattern: string): void {
  checkWildcards(pattern);
  if (covers(subject.anyEvent, pattern)) return;
  refuseSystem(pattern, "listen to");
}

/** @throws {AppError} `invalid` */
export function checkPublish(target: string): void {
  refuseSystem(target, "publish on");
}

/** Of the system's streams, that of the events alone. @throws {AppError} `invalid` */
export function checkStream(stream: string): void {
  if (stream === STREAM.event || !isSystemStream(stream)) return;
  throw new AppError(
    "invalid",
    `Cannot read the stream "${stream}": it is the system's`,
    { hint: `Read one of your own, or ${STREAM.event}` },
  );
}

/** Whether a message could match both patterns. */
export function overlap(one: string, other: string): boolean {
  const a = one.split(".");
  const b = other.split(".");
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [x, y] = [a[at], b[at]];
    if (x === undefined || y === undefined) return false;
    if (x === ">" || y === ">") return true;
    if (x !== y && x !== "*" && y !== "*") return false;
  }
  return true;
}

/** Whether the first pattern matches all that the second does. */
function covers(wide: string, narrow: string): boolean {
  const tail = wide.slice(0, -1);
  return narrow.startsWith(tail) && narrow.length > tail.length;
}

function checkWildcards(pattern: string): void {
  const tokens = pattern.split(".");
  const wrong = tokens.find((token, at) =>
    token === ">" ? at < tokens.length - 1 : token.length > 1 &&
      /[*>]/.test(token)
  );
  if (wrong === undefined) return;
  throw new AppError(
    "invalid",
    `Cannot listen to "${pattern}": "${wrong}" is no wildcard there`,
    { hint: "* stands for one whole token, > for all that follow, at the end" },
  );
}

function refuseSystem(pattern: string, what: string): void {
  const system = SYSTEM_SUBJECTS.find((each) => overlap(pattern, each));
  if (system === undefined) return;
  throw new AppError(
    "invalid",
    `Cannot ${what} "${pattern}": it meets ${system}, which is the system's`,
    { hint: "Begin with a word of your own, as in orders.>" },
  );
}
