/** What a sandbox runs, and the exchange directory that it gets for it. */
import type { VersionRecord } from "../../src/contracts/function.ts";
import {
  type Box,
  ExchangeDirectory,
  exchangePath,
} from "../exchange/directory.ts";
import type { RuntimeSettings } from "../settings.ts";
import { specVariables } from "./environment.ts";
import { memoryOf } from "./memory.ts";

/** What a sandbox runs. */
export interface SandboxTarget {
  functionId: string;
  version: number;
  image: string;
  memoryMb: number;
  /** Of the engine, in place of none. */
  network?: string | undefined;
  /** The author's variables; the spec's own are added. */
  env: Record<string, string>;
}

export type BuiltVersion = Pick<
  VersionRecord,
  "functionId" | "version" | "image" | "imageBytes"
>;

/** What runs a version, once it is built. */
export function targetOf(
  version: BuiltVersion,
  settings: RuntimeSettings,
  network?: string,
): SandboxTarget {
  return {
    functionId: version.functionId,
    version: version.version,
    image: version.image ?? "",
    memoryMb: memoryOf(version, settings),
    network,
    env: {},
  };
}

/** @param box Of a sandbox that runs already. */
export function exchangeOf(
  settings: RuntimeSettings,
  target: SandboxTarget,
  containerName: string,
  box?: Box,
): ExchangeDirectory {
  const place = { ...target, containerName };
  return new ExchangeDirectory({
    ...place,
    functionsDir: settings.functionsDir,
    maxBytes: settings.exchangeBytes,
    ...(box && { box }),
    env: {
      ...target.env,
      // A secret that nobody could use is not handed out.
      ...(target.network !== undefined && settings.database),
      ...specVariables(settings, target, exchangePath(place)),
    },
  });
}
