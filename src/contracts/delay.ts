/** When something is to start: a delay, or a time. */
import { z } from "zod";
import { AppError } from "./error.ts";

const SECOND_MS = 1_000;
const UNITS_MS = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: SECOND_MS,
};

/** ISO 8601 §5.5.2.2, without years and months: those have no fixed length. */
const DURATION =
  /^P(?=.)(?:(?<weeks>\d{1,6})W)?(?:(?<days>\d{1,6})D)?(?:T(?=.)(?:(?<hours>\d{1,9})H)?(?:(?<minutes>\d{1,9})M)?(?:(?<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?$/;

/**
 * Seconds, or an ISO 8601 duration such as `PT5M`, in milliseconds.
 *
 * @throws {AppError} `invalid`
 */
export function parseDelay(text: string): number {
  const given = text.trim();
  if (/^\d{1,9}(?:\.\d{1,3})?$/.test(given)) {
    return Math.round(Number(given) * SECOND_MS);
  }
  const groups = given.length <= 64 ? DURATION.exec(given)?.groups : undefined;
  if (!groups) {
    throw new AppError("invalid", `Cannot read the delay "${clip(given)}"`, {
      hint: "Give seconds, or a duration such as PT5M or P1DT12H",
    });
  }
  return Math.round(
    Object.entries(UNITS_MS).reduce(
      (sum, [unit, ms]) => sum + Number(groups[unit] ?? 0) * ms,
      0,
    ),
  );
}

/** RFC 3339: a date that there is, a time, and the zone they are of. */
const Time = z.iso.datetime({ offset: true });

/**
 * A time as RFC 3339 has it, or in milliseconds since 1970.
 *
 * @returns milliseconds since 1970
 * @throws {AppError} `invalid`
 */
export function parseTime(text: string): number {
  const given = text.trim();
  const time = given.toUpperCase().replace(" ", "T");
  const at = /^\d{1,15}$/.test(given)
    ? Number(given)
    : Time.safeParse(time).success
    ? Date.parse(time)
    : NaN;
  if (!Number.isNaN(at)) return at;
  throw new AppError("invalid", `Cannot read the time "${clip(given)}"`, {
    hint: "Give it as 2030-01-31T12:00:00Z, or as milliseconds since 1970",
  });
}

function clip(text: string): string {
  return text.slice(0, 64);
}
