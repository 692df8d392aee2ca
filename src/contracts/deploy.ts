/** What a deploy says on the wire: the event, its progress, an analysis. */
import { z } from "zod";

/** The object that holds the archive of a version, for as long as it exists. */
export function archiveName(functionId: string, version: number): string {
  return `${functionId}.${version}`;
}

/** `functions.deploy.<uuid>`: build this version. */
export const DeployEvent = z.object({
  functionId: z.uuid(),
  version: z.int().positive(),
  /** The object that holds the archive. */
  archive: z.string().min(1),
  sha256: z.string().length(64),
});
export type DeployEvent = z.output<typeof DeployEvent>;

/** `functions.build.<uuid>.<version>`: progress; it may be lost. */
export const BuildEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("step"), step: z.string(), message: z.string() }),
  z.object({ type: z.literal("log"), line: z.string() }),
  z.object({ type: z.literal("end") }),
]);
export type BuildEvent = z.output<typeof BuildEvent>;

/** The answer to `functions.validate`. */
export const Analysis = z.object({
  class: z.string(),
  file: z.string(),
  line: z.int().positive(),
  /** Whether handle() takes a logger. */
  logger: z.boolean(),
  /** How many files the archive holds. */
  files: z.int().nonnegative(),
});
export type Analysis = z.output<typeof Analysis>;

/** The request on `functions.validate`: a claim check. */
export const ValidateRequest = z.object({ archive: z.string().min(1) });
export type ValidateRequest = z.output<typeof ValidateRequest>;
