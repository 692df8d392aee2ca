/** Which versions of a function are too many. */
import type {
  FunctionRecord,
  VersionRecord,
} from "../../src/contracts/function.ts";

/**
 * The oldest beyond `keep` ready ones besides the current, and beyond `keep`
 * failed ones. Never the current one, nor a ready one above it: either that is
 * about to serve, or somebody rolled back from it and may want it again. The
 * next deploy serves above all of them.
 */
export function surplusVersions(
  { current }: Pick<FunctionRecord, "current">,
  versions: readonly VersionRecord[],
  keep: number,
): VersionRecord[] {
  const newestFirst = versions.toSorted((a, b) => b.version - a.version);
  const ready = newestFirst.filter(({ status, version }) =>
    status === "ready" && version < (current ?? 0)
  );
  const failed = newestFirst.filter(({ status }) => status === "failed");
  return [...ready.slice(keep), ...failed.slice(keep)];
}
