/** Functions and their versions: names, records, states. */
import { z } from "zod";
import { FLOW_SETTINGS } from "./flow.ts";
import { NetworkName } from "./network.ts";
import { Problem } from "./problem.ts";

const UUID_SHAPE =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const FunctionName = z.string().regex(
  /^[a-z][a-z0-9-]{0,62}$/,
  "must start with a letter and hold at most 63 of a-z, 0-9 and -",
).refine((name) => !UUID_SHAPE.test(name), "must not have the shape of a UUID");

/** What a subject or URL may say where a function is meant. */
export const FunctionRef = z.union([
  z.string().regex(UUID_SHAPE),
  FunctionName,
], { error: "is neither the name of a function nor its id" });

/** Whether a reference is an id; no name ever has this shape. */
export function isFunctionId(ref: string): boolean {
  return UUID_SHAPE.test(ref);
}

/** How a function's sandboxes are kept; what is not set is the runtime's default. */
export const FunctionSettings = z.object({
  /** `reuse`: one call after another in a sandbox; `single-use`: one call each. */
  isolation: z.enum(["reuse", "single-use"]).optional(),
  /** Sandboxes kept ready on each runtime, whether called or not. */
  minWarm: z.int().min(0).max(1_000).optional(),
  /** Calls at once on each runtime; the others wait. */
  maxConcurrency: z.int().min(1).max(10_000).optional(),
  /** How long a sandbox that nobody calls is kept, in milliseconds. */
  idleMs: z.int().min(1).max(86_400_000).optional(),
  /** Of the engine, among those that the operator approved; none unless set. */
  network: NetworkName.optional(),
  /** HTTP requests must be signed, see `signature.ts`. */
  signed: z.boolean().optional(),
  /** Tell of each call and each message too, see `event.ts`. */
  events: z.boolean().optional(),
  ...FLOW_SETTINGS,
});
export type FunctionSettings = z.output<typeof FunctionSettings>;

export const FunctionRecord = z.object({
  id: z.string().regex(UUID_SHAPE),
  name: FunctionName,
  /** Whether `/fn/…` needs no key. */
  public: z.boolean(),
  settings: FunctionSettings.default({}),
  /** The version that serves; null until one is ready. */
  current: z.int().positive().nullable(),
  /** The highest version number given out. */
  latest: z.int().nonnegative(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type FunctionRecord = z.output<typeof FunctionRecord>;

export const VERSION_STATES = [
  "queued",
  "building",
  "ready",
  "failed",
] as const;

export const VersionRecord = z.object({
  functionId: z.string().regex(UUID_SHAPE),
  version: z.int().positive(),
  status: z.enum(VERSION_STATES),
  /** Of the archive's bytes. */
  sha256: z.string(),
  createdAt: z.string(),
  /** The annotated class and the file it is in, once analysed. */
  class: z.string().optional(),
  file: z.string().optional(),
  /** Once built. */
  image: z.string().optional(),
  imageBytes: z.int().nonnegative().optional(),
  durationMs: z.number().nonnegative().optional(),
  /** Why it failed. */
  problem: Problem.optional(),
});
export type VersionRecord = z.output<typeof VersionRecord>;

/** One that has no version yet, and the settings' defaults. */
export function newFunction(
  id: string,
  name: string,
  isPublic = false,
): FunctionRecord {
  const now = new Date().toISOString();
  return {
    id,
    name,
    public: isPublic,
    settings: {},
    current: null,
    latest: 0,
    createdAt: now,
    updatedAt: now,
  };
}

/** One that waits for its build. */
export function newVersion(
  functionId: string,
  version: number,
  sha256: string,
): VersionRecord {
  return {
    functionId,
    version,
    status: "queued",
    sha256,
    createdAt: new Date().toISOString(),
  };
}

/** `PATCH /api/functions/:name`: null goes back to the default. */
export const FunctionChange = z.strictObject({
  public: z.boolean().optional(),
  isolation: FunctionSettings.shape.isolation.nullable(),
  minWarm: FunctionSettings.shape.minWarm.nullable(),
  maxConcurrency: FunctionSettings.shape.maxConcurrency.nullable(),
  idleMs: FunctionSettings.shape.idleMs.nullable(),
  network: FunctionSettings.shape.network.nullable(),
  signed: FunctionSettings.shape.signed.nullable(),
  events: FunctionSettings.shape.events.nullable(),
  retry: FLOW_SETTINGS.retry.nullable(),
  concurrencyKey: FLOW_SETTINGS.concurrencyKey.nullable(),
  keyConcurrency: FLOW_SETTINGS.keyConcurrency.nullable(),
  rate: FLOW_SETTINGS.rate.nullable(),
  debounceMs: FLOW_SETTINGS.debounceMs.nullable(),
  priority: FLOW_SETTINGS.priority.nullable(),
});
export type FunctionChange = z.output<typeof FunctionChange>;

/** Settings after a change; null unsets. */
export function applySettings(
  before: FunctionSettings,
  change: Omit<FunctionChange, "public">,
): FunctionSettings {
  const merged = Object.entries({ ...before, ...change })
    .filter(([, value]) => value !== null && value !== undefined);
  return FunctionSettings.parse(Object.fromEntries(merged));
}

/** A function as the API shows it. */
export const FunctionView = FunctionRecord.extend({
  /** The state of the newest version, or `none`. */
  status: z.enum([...VERSION_STATES, "none"]),
});
export type FunctionView = z.output<typeof FunctionView>;

/** What a deployment answers with. */
export const DeploymentView = z.object({
  id: z.string(),
  name: z.string(),
  version: z.int().positive(),
  status: z.enum(VERSION_STATES),
  class: z.string().optional(),
  file: z.string().optional(),
  durationMs: z.number().optional(),
});
export type DeploymentView = z.output<typeof DeploymentView>;
