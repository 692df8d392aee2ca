/** What is stored, and where it is bounded: `GET /api/storage`. */
import { z } from "zod";

export const Store = z.object({
  /** Of the stream or bucket. */
  name: z.string(),
  kind: z.enum(["stream", "records", "objects"]),
  messages: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** Past it the oldest go, or no more is taken; absent: unbounded. */
  maxBytes: z.int().positive().optional(),
  /** What is older goes, in milliseconds; absent: never. */
  maxAgeMs: z.number().positive().optional(),
  isInMemory: z.boolean(),
});
export type Store = z.output<typeof Store>;

export const StorageReport = z.object({
  functions: z.int().nonnegative(),
  /** By their state. */
  versions: z.record(z.string(), z.int().nonnegative()),
  stores: z.array(Store),
});
export type StorageReport = z.output<typeof StorageReport>;

/** Looks at every stream and bucket. */
export interface Storage {
  /** By name. */
  stores(): Promise<Store[]>;
}
