/** What the NATS server can do, by the version that it says it has. */

/** From this on, one consumer filters by several subjects. */
const MULTI_FILTER = [2, 10];

/** @param version As `nc.info.version` has it; absent counts as old. */
export function hasMultiFilter(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = MULTI_FILTER;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
