/** What the record of an invocation says to a runtime that would run it. */
import {
  hasEnded,
  type InvocationRecord,
} from "../../src/contracts/invocation.ts";

/** When to look again at what another runtime runs, in milliseconds. */
const LOOK_AGAIN_MS = 5_000;
/** A runtime counts as dead when it was silent at two looks so far apart. */
const SILENT_MS = 6_000;

export type Look =
  | { kind: "ended" }
  | { kind: "run" }
  /** Taken by this runtime, which never heard that it was. */
  | { kind: "resume" }
  | { kind: "wait"; until: number }
  /** It waits too, and the next look decides. */
  | { kind: "suspect"; until: number }
  /** Whoever ran it is gone. */
  | { kind: "lost" };

export interface Looking {
  runtimeId: string;
  now: number;
  live: ReadonlySet<string>;
  /** Since when whoever runs it has been silent, if it was at the last look. */
  silentSince: number | undefined;
}

export function lookAt(
  record: InvocationRecord,
  { runtimeId, now, live, silentSince }: Looking,
): Look {
  if (hasEnded(record.state)) return { kind: "ended" };
  if (record.state !== "running") {
    const until = record.notBefore ? Date.parse(record.notBefore) : 0;
    return until > now ? { kind: "wait", until } : { kind: "run" };
  }
  const runtime = record.attempts.at(-1)?.runtime ?? "";
  if (runtime === runtimeId) return { kind: "resume" };
  if (live.has(runtime)) return { kind: "wait", until: now + LOOK_AGAIN_MS };
  if (silentSince === undefined || now - silentSince < SILENT_MS) {
    return { kind: "suspect", until: (silentSince ?? now) + SILENT_MS };
  }
  return { kind: "lost" };
}
