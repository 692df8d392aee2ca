/** What the operator may say to the embedded stack, from the environment. */
import { z } from "zod";
import { NetworkNames } from "../contracts/network.ts";
import { parse } from "../contracts/parse.ts";

const EngineChoice = z.string().regex(
  /^(auto|docker|embedded-docker|podman|unix:\/\/\/.+)$/,
  "must be auto, docker, podman or unix:///path/to/socket",
);

/** Of a service's own: it begins with a letter, and not as Oche's do. */
const ServiceSubject = z.string().regex(
  /^(?!functions(?:\.|$))[A-Za-z][\w-]*(?:\.(?:[\w-]+|\*))*(?:\.>)?$/,
  "must be subjects such as orders.>,billing.*, none of Oche's own",
);
const ServiceSubjects = z.string().transform((text) => text.split(","))
  .pipe(z.array(ServiceSubject));

const Settings = z.object({
  OCHE_HOME: z.string().min(1),
  OCHE_CACHE: z.string().min(1),
  OCHE_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  OCHE_HOST: z.string().default("127.0.0.1"),
  OCHE_ENGINE: EngineChoice.default("auto"),
  OCHE_DART: z.enum(["auto", "bundled", "image"]).default("auto"),
  OCHE_RUNTIME: z.string().optional(),
  OCHE_NETWORKS: NetworkNames.default([]),
  SHARED_VOLUME_NAME: z.string().default("functions_data"),
  OCHE_SERVICE_SUBJECTS: ServiceSubjects.default([]),
  OCHE_SHARED_MEMORY_MB: z.coerce.number().int().min(16).optional(),
});
export type StackSettings = z.output<typeof Settings>;

/** @throws {AppError} `invalid`, naming every variable that is wrong */
export function readStackSettings(
  lookup: (name: string) => string | undefined,
): StackSettings {
  const values = Object.keys(Settings.shape)
    .map((name) => [name, lookup(name) || undefined]);
  return parse(Settings, Object.fromEntries(values), "the environment");
}
