/** When a cron expression is due: five or six fields, in a time zone, daylight saving included. */
import { Cron } from "croner";
import { AppError } from "../contracts/error.ts";

/** POSIX crontab's five, with seconds before them where there are six. */
const FIELDS = [
  "second",
  "minute",
  "hour",
  "day of month",
  "month",
  "day of week",
] as const;

const NICKNAME = /^@(?:yearly|annually|monthly|weekly|daily|hourly)$/i;

export interface Schedule {
  /** The first time after this one, in milliseconds since 1970. */
  next(after: number): number | undefined;
  /** The last times up to and with this one, oldest first. */
  last(until: number, count: number): number[];
}

/**
 * Reads an expression. A time that a change of the clocks leaves out comes
 * right after the gap; one that comes twice counts once where the expression
 * names the hour and minute, and each time where it repeats (`*`, `/`, lists).
 *
 * @param timeZone Of the IANA data base, as in `Europe/Berlin`.
 * @throws {AppError} `invalid`, naming the field
 */
export function readSchedule(expression: string, timeZone: string): Schedule {
  checkTimeZone(timeZone);
  const text = expression.trim();
  checkFields(text);
  const cron = new Cron(text, { timezone: timeZone, paused: true });
  const schedule: Schedule = {
    next: (after) => cron.nextRun(new Date(after))?.getTime(),
    last: (until, count) =>
      // Expressions count in seconds; what is asked for lies before the next.
      cron.previousRuns(count, new Date(Math.floor(until / 1000) * 1000 + 1000))
        .map((time) => time.getTime()).reverse(),
  };
  if (schedule.next(0) === undefined) {
    throw unreadable(text, "no day matches it", "February has no 30th day");
  }
  return schedule;
}

/** Times after one, oldest first. */
export function nextTimes(
  schedule: Schedule,
  after: number,
  count: number,
): number[] {
  const times: number[] = [];
  let time: number | undefined = after;
  while (times.length < count) {
    time = schedule.next(time);
    if (time === undefined) break;
    times.push(time);
  }
  return times;
}

/** @throws {AppError} `invalid` */
function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch (cause) {
    throw new AppError("invalid", `Cannot find the time zone "${timeZone}"`, {
      hint: "Take a name of the IANA data base, such as Europe/Berlin or UTC",
      cause,
    });
  }
}

/** Each field by itself, so that the error names the one that is wrong. */
function checkFields(text: string): void {
  if (NICKNAME.test(text)) return;
  const fields = text.split(/\s+/);
  if (text === "" || fields.length < 5 || fields.length > 6) {
    throw unreadable(
      text,
      `it has ${text === "" ? 0 : fields.length} fields`,
      "Write five (minute, hour, day of month, month, day of week) or six, " +
        "with seconds first",
    );
  }
  const names = FIELDS.slice(FIELDS.length - fields.length);
  for (const [at, field] of fields.entries()) {
    const alone = fields.map((_, place) => place === at ? field : "*");
    try {
      new Cron(alone.join(" "), { paused: true });
    } catch (cause) {
      throw unreadable(
        text,
        `its field ${at + 1}, ${names[at]}, is "${field}"`,
        "A field is *, a value, a range (1-5), steps (*/10) or a list of them",
        cause,
      );
    }
  }
}

function unreadable(
  text: string,
  why: string,
  hint: string,
  cause?: unknown,
): AppError {
  return new AppError(
    "invalid",
    `Cannot read the cron expression "${text}": ${why}`,
    { hint, cause },
  );
}
